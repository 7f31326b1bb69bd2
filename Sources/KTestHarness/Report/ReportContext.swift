/// What a report may say of a run beside its summary.
public struct ReportContext: Sendable, Equatable {
  /// The run's directory, for the paths of consoles and outputs; nil when nothing was kept.
  public var directory: String?
  /// How many cases the run set out to judge.
  public var planned: Int?
  /// Lines for people, printed before the results; empty where they were shown already.
  public var notices: [String] = []
  public var tails: [CaseKey: CaseTail] = [:]
  public var consoleTails: [Int: ByteTail] = [:]

  public init(directory: String? = nil, planned: Int? = nil) {
    self.directory = directory
    self.planned = planned
  }

  public init(_ replay: RunReplay, directory: String?, withNotices: Bool) {
    self.directory = directory
    planned = replay.planned
    notices = withNotices ? replay.notices : []
    tails = replay.tails
    consoleTails = replay.consoleTails
  }

  func path(_ file: String) -> String { directory.map { "\($0)/\(file)" } ?? file }
}
