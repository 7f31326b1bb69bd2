import FoundationEssentials
package import KTestValues

/// One line of `events.jsonl`: an event without bytes, and the time when it was written.
package struct RecordedEvent: Sendable, Equatable {
  package static let currentVersion = 1

  package var time: WallTime
  /// The event; nil for a type that this version does not know, which is skipped.
  package var event: RunEvent?

  package init(time: WallTime, event: RunEvent) {
    self.time = time
    self.event = event
  }

  /// The line with its newline, or nil for an event whose bytes are in a separate file.
  var line: [UInt8]? {
    guard let event, let (type, fields) = event.fields else { return nil }
    let head: [(key: String, value: JSONValue)] = [
      ("v", .int(RecordedEvent.currentVersion)), ("t", .string(time.iso)), ("type", .string(type)),
    ]
    return Array((JSONValue.object(head + fields).line + "\n").utf8)
  }

  /// - Throws: `DecodingError` if it is not an event, `NewerVersion` for a later schema, ``ImpossibleEvent``.
  init(line: some Collection<UInt8>) throws {
    self = try JSONDecoder().decode(RecordedEvent.self, from: Data(line))
  }

  struct NewerVersion: Error { var version: Int }
}

extension RunEvent {
  fileprivate var fields: (type: String, fields: [(key: String, value: JSONValue)])? {
    switch self {
    case .runStarted(let cases, let boots):
      ("runStarted", [("plannedCases", .int(cases)), ("plannedBoots", .int(boots))])
    case .suitePlanned(let suite, let kernel, let cases):
      (
        "suitePlanned",
        [("suite", .string(suite)), ("kernel", .string(kernel)), ("cases", .array(cases.map { .string($0) }))]
      )
    case .roundStarted(let round, let planned):
      ("roundStarted", [("round", .int(round)), ("plannedRounds", .int(planned))])
    case .groupAnswered(let group):
      ("groupAnswered", [("answer", group.json)])
    case .bootStarted(let boot, let suite, let kernel, let cases):
      (
        "bootStarted",
        [
          ("boot", .int(boot)), ("suite", .string(suite)), ("kernel", .string(kernel)),
          ("cases", .array(cases.map { .string($0) })),
        ]
      )
    case .bootReady(let boot, let seconds):
      ("bootReady", [("boot", .int(boot)), ("seconds", .seconds(seconds))])
    case .commandLine(let boot, let text):
      ("commandLine", [("boot", .int(boot)), ("text", .string(text))])
    case .splat(let boot, let splat):
      (
        "splat",
        [
          ("boot", .int(boot)), ("splat", splat.note.json),
          ("alternatives", .array(splat.alternatives.map { .string($0) })),
          ("frames", .array(splat.frames.map { .string($0) })), ("corrupted", .bool(splat.isCorrupted)),
          ("allowed", .bool(splat.isAllowed)),
        ]
      )
    case .caseStarted(let boot, let suite, let kernel, let name):
      (
        "caseStarted",
        [("boot", .optional(boot)), ("suite", .string(suite)), ("kernel", .string(kernel)), ("case", .string(name))]
      )
    case .caseFinished(let suite, let kernel, let result):
      ("caseFinished", [("suite", .string(suite)), ("kernel", .string(kernel)), ("result", result.json)])
    case .caseAbsent(let suite, let kernel, let absent):
      (
        "caseAbsent",
        [
          ("suite", .string(suite)), ("kernel", .string(kernel)), ("case", .string(absent.name)),
          ("reason", .string(absent.reason)),
        ]
      )
    case .bootFinished(let result):
      ("bootFinished", [("result", result.json)])
    case .notice(let text):
      ("notice", [("text", .string(text))])
    case .runFinished(let verdict, let interrupted, let seconds):
      (
        "runFinished",
        [
          ("verdict", .string(verdict.rawValue)), ("interrupted", .bool(interrupted)), ("seconds", .seconds(seconds)),
        ]
      )
    case .console, .output, .artefact, .evidence, .provoked, .splatPending, .underWay: nil
    }
  }
}

extension RecordedEvent: Decodable {
  private enum Key: String, CodingKey {
    case v, t, type, plannedCases, plannedBoots, round, plannedRounds, boot, suite, kernel, cases, seconds, text,
      verdict, interrupted,
      result, reason, answer
    case splat, alternatives, frames, corrupted, allowed
    case name = "case"
  }

  package init(from decoder: any Decoder) throws {
    let line = try decoder.container(keyedBy: Key.self)
    let version = try line.decode(Int.self, forKey: .v)
    guard version <= RecordedEvent.currentVersion else { throw NewerVersion(version: version) }
    guard let time = WallTime(iso: try line.decode(String.self, forKey: .t)) else {
      throw DecodingError.dataCorruptedError(forKey: .t, in: line, debugDescription: "not a time")
    }
    func text(_ key: Key) throws -> String { try line.decode(String.self, forKey: key) }
    func number(_ key: Key) throws -> Int { try line.decode(Int.self, forKey: key) }
    func seconds() throws -> Double { try line.decode(Double.self, forKey: .seconds) }

    self.time = time
    event =
      switch try text(.type) {
      case "runStarted": .runStarted(cases: try number(.plannedCases), boots: try number(.plannedBoots))
      case "suitePlanned":
        .suitePlanned(
          suite: try text(.suite), kernel: try text(.kernel), cases: try line.decode([String].self, forKey: .cases))
      case "roundStarted": .roundStarted(try number(.round), of: try number(.plannedRounds))
      case "groupAnswered": .groupAnswered(try line.decode(AnsweredGroup.self, forKey: .answer))
      case "bootStarted":
        .bootStarted(
          boot: try number(.boot), suite: try text(.suite), kernel: try text(.kernel),
          cases: try line.decode([String].self, forKey: .cases))
      case "bootReady": .bootReady(boot: try number(.boot), seconds: try seconds())
      case "commandLine": .commandLine(boot: try number(.boot), text: try text(.text))
      case "splat":
        .splat(
          boot: try number(.boot),
          SplatSighting(
            note: try line.decode(SplatNote.self, forKey: .splat),
            alternatives: try line.decode([String].self, forKey: .alternatives),
            frames: try line.decode([String].self, forKey: .frames),
            isCorrupted: try line.decode(Bool.self, forKey: .corrupted),
            isAllowed: try line.decode(Bool.self, forKey: .allowed)))
      case "caseStarted":
        .caseStarted(
          boot: try line.decodeIfPresent(Int.self, forKey: .boot), suite: try text(.suite), kernel: try text(.kernel),
          name: try text(.name))
      case "caseFinished":
        .caseFinished(
          suite: try text(.suite), kernel: try text(.kernel), result: try line.decode(CaseResult.self, forKey: .result))
      case "caseAbsent":
        .caseAbsent(
          suite: try text(.suite), kernel: try text(.kernel),
          AbsentCase(name: try text(.name), reason: try text(.reason)))
      case "bootFinished": .bootFinished(try line.decode(BootResult.self, forKey: .result))
      case "notice": .notice(try text(.text))
      case "runFinished":
        .runFinished(
          verdict: try line.decode(Verdict.self, forKey: .verdict),
          interrupted: try line.decode(Bool.self, forKey: .interrupted), seconds: try seconds())
      default: nil
      }
    try event?.checkPlausible()
  }
}
