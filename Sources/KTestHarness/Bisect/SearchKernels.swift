import KTestValues

/// What a search knows of the kernels that it has met.
struct SearchKernels {
  /// The first commit with each kernel, by the kernel's identity.
  private var commits: [String: String] = [:]
  /// The seconds of builds that were noted but have no run yet: the evidence of the first run will contain them.
  private var seconds: [String: Evidence.Cost] = [:]

  /// Recalls what the steps of an earlier process say about kernels.
  init(_ steps: [SearchStep]) {
    for step in steps {
      switch step {
      case .built(let commit, let identity, let cost):
        commits[identity] = commits[identity] ?? commit
        seconds[commit] = cost
      case .evidence(let evidence, _, _):
        if case .commit(let commit) = evidence.subject { seconds[commit] = nil }
      case .identical, .prepared, .trial, .began, .dropped: break
      }
    }
  }

  /// Gives a kernel the cost of the build that an earlier process did.
  mutating func takeCost(of commit: String, _ kernel: inout SubjectKernel) {
    guard let known = seconds.removeValue(forKey: commit), kernel.seconds == nil else { return }
    (kernel.seconds, kernel.isFullBuild) = (known.build, known.isFullBuild)
  }

  /// Returns what is new of a commit's kernel: that it is there, or that it is another commit's. Returns nil if that is known.
  mutating func meet(_ commit: String, _ kernel: SubjectKernel, in bisection: Bisection) -> SearchStep? {
    guard let identity = kernel.identity else { return nil }
    if let first = commits[identity] {
      let known = bisection.identical.contains { Set([$0.first, $0.second]) == [first, commit] }
      return first == commit || known ? nil : .identical(first, commit)
    }
    commits[identity] = commit
    let cost = kernel.seconds.map { Evidence.Cost(build: $0, isFullBuild: kernel.isFullBuild) }
    return .built(commit: commit, identity: identity, cost: cost)
  }
}
