import KTestHost
import KTestValues

/// The kernels of a search: commits are built, and builds are found.
extension BisectWorld {
  func kernel(of subject: Evidence.Subject) async throws -> SubjectKernel {
    switch (settings.space, subject) {
    case (.commits(let repository, _, _), .commit(let commit)):
      return try await built("\(repository)@\(commit)", reverting: nil)
    case (.commits(let repository, _, let bad), .reverted(let commit)):
      return try await built("\(repository)@\(bad)", reverting: commit)
    case (.builds, .commit(let name)):
      do {
        let kernel = try await resolved(name)
        return SubjectKernel(kernel: kernel, identity: try kernel.contentIdentity())
      } catch let error as KernelError where error.isOfOneKernel {
        return SubjectKernel(kernel: nil, trouble: error.description)
      }
    case (.commandLine, _), (.configuration, _):
      return SubjectKernel(kernel: nil, trouble: "this search has no commits")
    case (.builds, .reverted): return SubjectKernel(kernel: nil, trouble: "a build cannot be reverted")
    }
  }

  func resolved(_ name: String) async throws -> KernelBuild {
    if let known = kernels[name] { return known }
    let kernel = try await settings.session.kernel(name)
    kernels[name] = kernel
    return kernel
  }

  private func built(_ source: String, reverting commit: String?) async throws -> SubjectKernel {
    let suites = settings.configuredFor
    var request = try settings.kernels.request(
      source, suites: suites ?? [settings.suite.suite], casesMayBeSkipped: suites != nil)
    request.reverting = commit
    return try await built(request)
  }

  func built(_ request: KernelBuildRequest) async throws -> SubjectKernel {
    let start = ContinuousClock.now
    do {
      let built = try await settings.session.build(request)
      if !built.sourceDirectory.isEmpty { sourceDirectory = built.sourceDirectory }
      // A kernel from the cache has a build directory that may have been used for other commits since.
      if compiled != nil, let files = built.compiledFiles {
        compiled?.formUnion(files)
      } else {
        compiled = nil
      }
      return SubjectKernel(
        kernel: built.kernel, identity: try built.contentIdentity(), seconds: built.isFromCache ? nil : built.seconds,
        isFullBuild: built.filesCompiled > 500)
    } catch let error as KernelBuildError {
      // Older commits may not have the folder of the tests yet.
      if case .noSelftests = error { return SubjectKernel(kernel: nil, trouble: error.description) }
      switch error.kind {
      case .source, .configuration:
        return SubjectKernel(
          kernel: nil, trouble: error.description, seconds: (ContinuousClock.now - start) / .seconds(1))
      case .usage, .host: throw error
      }
    }
  }
}
