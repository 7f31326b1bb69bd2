/// The Debian archive that this machine's apt is set up for, through apt's own tools and without root.
package struct DebianArchive: Sendable {
  /// One version of a package that can be downloaded.
  package struct Package: Sendable, Equatable {
    package var name: String
    var version: String
    /// Bytes of the package file.
    var size: Int?
    /// Names of the packages it depends on.
    var depends: [String]

    /// Name of its directory in the cache; the colon of an epoch is no friend of paths.
    package var entry: String { "\(name)_\(version.replacing(":", with: "%3a"))" }
  }

  /// The package that `debian:NAME` means today. A meta-package (`linux-image-amd64`) means the kernel it depends on.
  ///
  /// Throws `KernelError`: `noPackageLists`, `noSuchPackage`, `toolMissing`, `toolFailed`.
  func find(_ name: DebianKernelName) async throws -> Package {
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
    _ package: Package, into directory: String, progress: @escaping @Sendable (FetchProgress) -> Void
  ) async throws -> String {
    let result = try await withThrowingTaskGroup(of: Tool.Result?.self) { group in
      group.addTask {
        try await Tool.aptGet.run(
          [
            "-q", "-o", "Acquire::Retries=3", "-o", "Acquire::http::Timeout=30", "-o", "Acquire::https::Timeout=30",
            "download", "\(package.name)=\(package.version)",
          ], purpose: "download a kernel", in: directory)
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
        return nil
      }
      defer { group.cancelAll() }
      while let finished = try await group.next() {
        if let finished { return finished }
      }
      throw CancellationError()
    }
    guard result.succeeded else {
      throw KernelError.fetchFailed(package: package.name, reason: DebianArchive.reason(in: result.complaint))
    }
    guard let file = KernelFiles.names(in: directory).first(where: { $0.hasSuffix(".deb") }) else {
      throw KernelError.fetchFailed(package: package.name, reason: "apt-get reported success and left no file")
    }
    let path = "\(directory)/\(file)"
    let size = KernelFiles.size(of: path)
    progress(FetchProgress(phase: .downloading, package: package.name, received: size ?? 0, total: size))
    return path
  }

  func packageNames() async throws -> Set<String> {
    let result = try await Tool.aptCache.run(["pkgnames", "linux-image-"], purpose: "find a kernel in the archive")
    guard result.succeeded else {
      throw KernelError.toolFailed(
        tool: Tool.aptCache.name, purpose: "list packages", output: DebianArchive.reason(in: result.complaint))
    }
    let names = Set(result.text.split(whereSeparator: \.isNewline).map(String.init))
    if names.isEmpty { throw KernelError.noPackageLists }
    return names
  }

  /// What apt would install under a name. Throws `KernelError.toolFailed` where apt knows none.
  func show(_ name: String) async throws -> Package {
    let result = try await Tool.aptCache.run(
      ["show", "--no-all-versions", name], purpose: "find a kernel in the archive")
    guard result.succeeded, let package = DebianArchive.package(fromShow: result.text) else {
      throw KernelError.toolFailed(
        tool: Tool.aptCache.name, purpose: "show \(name)", output: DebianArchive.reason(in: result.complaint))
    }
    return package
  }

  /// Reads the first stanza of `apt-cache show`; nil where it has no version or no file to download.
  package static func package(fromShow text: String) -> Package? {
    var fields: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty, !fields.isEmpty { break }
      guard let first = line.first, !first.isWhitespace else { continue }
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2 { fields[String(parts[0])] = String(parts[1].drop(while: \.isWhitespace)) }
    }
    guard let name = fields["Package"], let version = fields["Version"], fields["Filename"] != nil,
      !version.contains("/"), isName(name)
    else { return nil }
    let depends = (fields["Depends"] ?? "").split { $0 == "," || $0 == "|" }.compactMap {
      $0.split { $0.isWhitespace || $0 == "(" || $0 == ":" }.first.map(String.init)
    }
    return Package(name: name, version: version, size: fields["Size"].flatMap(Int.init), depends: depends)
  }

  /// Debian Policy, 5.6.1. What is no name could be a path, or an option of apt's.
  private static func isName(_ text: String) -> Bool {
    let isPlain = { (byte: UInt8) in byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 }
    return text.utf8.first.map(isPlain) == true && text.utf8.allSatisfy { isPlain($0) || "+-.".utf8.contains($0) }
  }

  /// The lines of apt's complaint that say why, without their `E: `; at most three.
  static func reason(in complaint: String) -> String {
    let lines = complaint.split(whereSeparator: \.isNewline)
    let errors = lines.filter { $0.hasPrefix("E: ") }.map { $0.dropFirst(3) }
    let told = errors.isEmpty ? lines.suffix(3) : errors.prefix(3)
    return told.isEmpty ? "it printed nothing" : told.joined(separator: "; ")
  }
}
