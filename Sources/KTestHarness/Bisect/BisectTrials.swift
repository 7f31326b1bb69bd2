import KTestHost

/// Tries a subset of differences for a search that varies no commits.
struct BisectTrials: DifferenceEffects {
  let world: BisectWorld
  let space: BisectHeader.Space
  let differences: BisectDifferences
  let suite: SuiteFile
  let kernels: KernelBuildOptions

  func kernel(with subset: [Int]) async throws -> SubjectKernel {
    switch space {
    case .configuration(let tree):
      // The suites' wishes are left out: what differs may be one of them.
      var request = try kernels.request(tree, suites: [])
      request.base = .text(differences.configuration(subset), name: "a configuration between the two")
      request.buildDirectoryKey = "bisect " + differences.names.joined(separator: " ")
      return try await world.built(request)
    case .commandLine(let name, _, _): return SubjectKernel(kernel: try await world.resolved(name))
    case .commits, .builds: return SubjectKernel(kernel: nil, trouble: "this search has no differences")
    }
  }

  package func run(_ kernel: SubjectKernel, with subset: [Int]) async throws -> RunObservation {
    try await world.run(kernel, of: suite(with: subset))
  }

  func suite(with subset: [Int]) throws -> SuiteFile {
    differences.isConfiguration ? suite : try differences.applied(subset, to: suite)
  }
}
