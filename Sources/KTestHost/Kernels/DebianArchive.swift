import KTestValues

/// Kernels in the Debian archive that this machine's apt is set up for.
package struct DebianArchive: Sendable {
  /// The package that `debian:NAME` means today. A meta-package (`linux-image-amd64`) means the kernel it depends on.
  ///
  /// Throws `KernelError`: `noPackageLists`, `noSuchPackage`, `toolMissing`, `toolFailed`.
  func find(_ name: DebianKernelName) async throws -> DebianPackage {
    let names = try await packageNames()
    guard var chosen = name.choose(from: names) else {
      throw KernelError.noSuchPackage(name: "\(name)", nearest: name.nearest(in: names))
    }
    if DebianKernelPackage(chosen) == nil {
      let depends = try await show(chosen).depends
      guard let real = depends.compactMap(DebianKernelPackage.init).first else {
        throw KernelError.noSuchPackage(name: "\(name)", nearest: name.nearest(in: names))
      }
      let unsigned = "\(real.name)-unsigned"
      chosen = !real.isUnsigned && names.contains(unsigned) ? unsigned : real.name
    }
    return try await show(chosen)
  }

  /// Downloads the package file into a directory and returns its path. apt checks its hash.
  func download(
    _ package: DebianPackage, into directory: String, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> String {
    try await forDownload(of: package) {
      try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          try await Apt.download([package], into: directory)
          return true
        }
        group.addTask {
          // apt writes into the file it will be, so its growth is the progress.
          while !Task.isCancelled {
            progress(
              FetchProgress(
                phase: .downloading, package: package.name, received: KernelFiles.size(ofFilesIn: directory),
                total: package.size))
            try? await Task.sleep(for: .milliseconds(100))
          }
          return false
        }
        defer { group.cancelAll() }
        while let isDownloaded = try await group.next() {
          if isDownloaded { return }
        }
        throw CancellationError()
      }
    }
    guard let path = Apt.file(of: package, in: directory) else {
      throw KernelError.fetchFailed(package: package.name, reason: "apt-get reported success and left no file")
    }
    let size = HostFiles.size(of: path)
    progress(FetchProgress(phase: .downloading, package: package.name, received: size ?? 0, total: size))
    return path
  }

  private func forDownload(of package: DebianPackage, _ body: () async throws -> Void) async throws {
    try await forKernels("download a kernel") {
      do {
        try await body()
      } catch let failure as AptFailure {
        throw KernelError.fetchFailed(package: package.name, reason: failure.reason)
      }
    }
  }

  func packageNames() async throws -> Set<String> {
    let names = try await forKernels("list packages") { try await Apt.names(beginningWith: "linux-image-") }
    if names.isEmpty { throw KernelError.noPackageLists }
    return names
  }

  /// What apt would install under a name. Throws `KernelError.toolFailed` where apt knows none.
  func show(_ name: String) async throws -> DebianPackage {
    let packages = try await forKernels("show \(name)") { try await Apt.show([name]) }
    guard let package = packages.first, package.isInArchive else {
      throw KernelError.toolFailed(tool: "apt-cache", purpose: "show \(name)", output: "no archive has it")
    }
    return package
  }
}
