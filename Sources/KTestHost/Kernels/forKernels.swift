import KTestValues

/// Runs `body` and reports failures of apt, dpkg-deb and tar as ``KernelError``. The purpose completes "is needed to …".
func forKernels<Value>(_ purpose: String, _ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch HostProgramFailure.missing(let name) {
    let package = ["dpkg-deb": "dpkg", "xz": "xz-utils", "tar": "tar", "bsdtar": "libarchive-tools"][name] ?? "apt"
    throw KernelError.toolMissing(tool: name, package: package, purpose: purpose)
  } catch HostProgramFailure.notRun(let name, let reason) {
    throw KernelError.toolFailed(tool: name, purpose: purpose, output: reason)
  } catch let failure as ArchiveFailure {
    switch failure {
    case .refused(_, let file, let result): throw KernelError.badPackage(path: file, reason: result.reason)
    case .tooLarge(let file, let limit): throw KernelError.tooLarge(name: file, limit: limit)
    case .lacks(let file, _): throw KernelError.badPackage(path: file, reason: failure.reason)
    }
  } catch let failure as AptFailure {
    throw KernelError.toolFailed(tool: failure.tool, purpose: purpose, output: failure.reason)
  } catch let problem as FileProblem {
    throw KernelError(problem)
  }
}

extension KernelError {
  init(_ failure: SuiteListsFailure, suite: DebianSuite, directory: String) {
    switch failure {
    case .unknown: self = .noSuchSuite(name: "\(suite)")
    case .untrusted(let keyring, let reason):
      self = .untrustedSuite(name: "\(suite)", keyring: keyring, reason: reason)
    case .unreachable(let reason): self = .unreachableSuite(name: "\(suite)", reason: reason)
    case .noMirror: self = .noMirror(suite: "\(suite)")
    case .noKeyring:
      self = .toolMissing(
        tool: "the keyring of Debian's archive", package: "debian-archive-keyring",
        purpose: "verify the packages of \(suite)")
    case .unfitFolder:
      self = .cacheUnwritable(path: directory, reason: "apt's configuration cannot hold a quotation mark")
    }
  }
}
