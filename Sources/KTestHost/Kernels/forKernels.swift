import KTestValues

/// Runs `body` and reports failures of apt, dpkg-deb and tar as ``KernelError``. The purpose completes "is needed to …".
func forKernels<Value>(_ purpose: String, _ body: () async throws -> Value) async throws -> Value {
  do {
    return try await body()
  } catch HostProgramFailure.missing(let name) {
    let package = ["dpkg-deb": "dpkg", "xz": "xz-utils", "tar": "tar"][name] ?? "apt"
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
