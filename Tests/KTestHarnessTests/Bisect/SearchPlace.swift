import Foundation
import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// A place to search in: a suite with an image, a state and a cache of its own, kernels that nobody compiles, and guests
/// that play a script.
struct SearchPlace {
  let tree: TemporaryTree
  let kernels: FakeKernels
  let guests: KernelGuests
  let news = Locked<[SearchNews]>([])

  /// - Parameters:
  ///   - cases: What the suite says of each case, as YAML.
  ///   - probe: What a guest answers whoever looks into it.
  ///   - forks: Whether guests can be forked.
  ///   - play: What a guest does with a case; nil for a case that passes.
  init(
    cases: String = "{name: word, run: [word]}", probe: @escaping KernelGuests.Probe = { _ in nil },
    forks: Bool = false, play: @escaping KernelGuests.Play
  ) throws {
    tree = try TemporaryTree()
    kernels = FakeKernels(folder: tree.path + "/configs")
    guests = KernelGuests(probe: probe, forks: forks, play: play)
    try tree.put("home/images/tiny.yaml", "image: tiny\nlayers:\n  - directory: /mnt\n")
    try tree.put("home/images/src/tiny.c", "int main(void) { return 0; }\n")
    try tree.put("home/suites/find.yaml", "suite: find\nimage: tiny\ncases:\n  - \(cases)\n")
    let agent = try tree.put("agent", "no program")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: agent)
  }

  var session: Session {
    Session(
      places: Places(
        stateDirectory: tree.path + "/state", cacheDirectory: tree.path + "/cache", workingDirectory: tree.path,
        home: tree.path + "/home", agent: tree.path + "/agent"),
      arguments: ["bisect", "find"], kernels: kernels)
  }

  var host: OpenHost {
    OpenHost(
      guests: guests, settings: RunSettings(accelerator: .tcg, timeFactor: 1, settle: .milliseconds(1)), accel: .tcg,
      qemu: "9.9")
  }

  var notes: [String] { news.with { $0.compactMap { if case .note(let text) = $0 { text } else { nil } } } }

  /// Directories of searches, oldest first.
  var searches: [String] {
    let folder = tree.path + "/state/bisects"
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.filter(RunID.isValid).sorted().map { "\(folder)/\($0)" }
  }

  /// The steps that a search has kept; of the last one, where none is named.
  func steps(of search: String? = nil) throws -> [SearchStep] {
    guard let directory = search ?? searches.last else { return [] }
    return try SearchFiles.Record.contents(of: directory).steps
  }

  func job(_ order: SearchOrder) async throws -> BisectJob {
    try await BisectJob(order, in: session, tell: tell)
  }

  func job(resuming name: String = "latest") throws -> BisectJob {
    try BisectJob(resuming: name, in: session, tell: tell)
  }

  private var tell: SearchNews.Sink { { [news] item in news.with { $0.append(item) } } }

  /// Every guest that was switched on is told of once, in the journal of one of the searches.
  func expectNothingRepeated(_ comment: Comment? = nil, location: SourceLocation = #_sourceLocation) throws {
    let told = try toldRuns()
    #expect(guests.boots.count == told, comment, sourceLocation: location)
  }

  private func toldRuns() throws -> Int {
    var count = 0
    for directory in searches {
      count += try steps(of: directory).count { $0.wasBooted }
      let crossed: [ProbeOutcome]? = try SearchFiles.load("crossed.json", in: directory)
      count += crossed?.count ?? 0
    }
    // The good end, which is run once for its failures.
    let first: BisectBaseline? = try searches.first.flatMap { try SearchFiles.load("baseline.json", in: $0) }
    return count + (first == nil ? 0 : 1)
  }

  /// Searches until the guest of that number is switched on, and is ended there as by Ctrl-C.
  func interrupt(_ job: BisectJob, atBoot number: Int) async {
    await guests.interrupt(atBoot: number) { _ = try await job.perform(on: host) }
  }
}

extension SearchOrder {
  /// Of the suite in a ``SearchPlace``.
  static func find(_ space: Space, test: String = "find", splat: String? = nil) -> SearchOrder {
    var order = SearchOrder(test: test, space: space)
    order.target.splat = splat
    return order
  }
}

extension SearchStep {
  /// Whether the step tells of a guest.
  fileprivate var wasBooted: Bool {
    switch self {
    case .evidence(_, _, let journal): journal != nil
    case .trial(let trial): trial.journal != nil
    case .built, .identical, .prepared, .began, .dropped: false
    }
  }
}
