@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Hosts that really build: each with a cache of its own, and this process as its worker.
actor BuildingFleet: WorkerFleet {
  private nonisolated let root: String
  /// Why hosts are lost, one for each attempt; afterwards, host h1 works.
  private var losses: [String]
  private(set) var starts = 0
  private(set) var titles: [String] = []
  private(set) var unwanted: [Set<String>] = []
  private let equipment: [String]?
  private let cache: String?
  /// Files of kernels that do not arrive, one for each attempt.
  private var missing: [String]

  /// - Parameters:
  ///   - equipment: what the orders ask for; nil for what they say.
  ///   - cache: the cache of the host; nil for one of its own.
  init(
    _ root: String, losses: [String] = [], equipment: [String]? = nil, cache: String? = nil, missing: [String] = []
  ) {
    (self.root, self.losses, self.equipment) = (root, losses, equipment)
    (self.cache, self.missing) = (cache, missing)
  }

  nonisolated var workers: Int { 2 }
  func appetite() async -> Int { 2 }
  func rest() async throws { await Task.yield() }
  nonisolated func another() -> BuildingFleet { self }
  func begin(_ run: String) async throws {}
  func refusal(of needs: GroupOrder.Needs) async throws -> VerdictReason? { nil }

  nonisolated func folder(of attempt: Attempt) -> WorkFolder { WorkFolder("\(root)/\(attempt.run)/\(attempt.folder)") }

  func start(
    _ attempts: [Attempt], _ write: @Sendable (Attempt, WorkFolder) throws -> Void
  ) async throws -> [Attempt] {
    var attempts = attempts
    for place in attempts.indices {
      starts += 1
      titles.append(attempts[place].order.title)
      unwanted.append(attempts[place].unwanted)
      (attempts[place].folder, attempts[place].host) = ("0/\(starts)", "h1")
      var attempt = attempts[place]
      let folder = folder(of: attempt)
      if !losses.isEmpty {
        try HostFiles.makeDirectory(folder.path)
        try folder.write(WorkEnd(attempt.word, run: nil, failure: losses.removeFirst()))
        continue
      }
      attempt.order = try attempt.order.withFiles(SharedFiles(root: root).add)
      if let equipment, case .build(var build) = attempt.order {
        build.equipment = equipment
        attempt.order = .build(build)
      }
      try write(attempt, folder)
      let places = Places(
        stateDirectory: "", cacheDirectory: cache ?? "\(root)/cache-of-h1", workingDirectory: "", home: nil, agent: "")
      try? await WorkJob(in: folder.path, isArray: false, places: places).perform()
      if !missing.isEmpty { HostFiles.remove("\(folder.kernel)/\(missing.removeFirst())") }
    }
    return attempts
  }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] { attempts.map { _ in .ended(host: "h1") } }
  func news() async -> [String] { [] }
  func stop(_ attempts: [Attempt]) async {}
  func end() async -> Bool { true }
}
