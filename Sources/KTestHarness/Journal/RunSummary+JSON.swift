import KTestValues

/// The JSON forms of docs/journal.md. The synthesized `Decodable` of each type reads them.
extension RunSummary {
  var json: JSONValue {
    let head: [(String, JSONValue)] = [
      ("run", .string(run)),
      ("verdict", .string(verdict.rawValue)),
      ("interrupted", .bool(interrupted)),
      ("seconds", .seconds(seconds)),
    ]
    let rounds: [(String, JSONValue)] =
      self.rounds.map { [("rounds", .object([("planned", .int($0.planned)), ("begun", .int($0.begun))]))] } ?? []
    return .object(head + rounds + [("boots", .array(boots.map(\.json))), ("suites", .array(suites.map(\.json)))])
  }
}

extension SuiteResult {
  var json: JSONValue {
    let missing = absent.isEmpty ? [] : [("absent", JSONValue.array(absent.map(\.json)))]
    return .object(
      [
        ("name", .string(name)),
        ("kernel", .string(kernel)),
        ("verdict", .string(verdict.rawValue)),
        ("cases", .array(cases.map(\.json))),
      ] + missing)
  }
}

extension AbsentCase {
  var json: JSONValue { .object([("name", .string(name)), ("reason", .string(reason))]) }
}

extension CaseResult {
  var json: JSONValue {
    let usage = self.usage.map { [("usage", $0.json)] } ?? []
    let evidence = self.evidence.map { [("evidence", $0.json)] } ?? []
    let limit = self.limit.map { [("limit", $0.json)] } ?? []
    let program = self.program.map { [("program", $0.json)] } ?? []
    let cause = self.cause.map { [("cause", $0.json)] } ?? []
    let found = findings.isEmpty ? [] : [("findings", JSONValue.array(findings.map(\.json)))]
    let numbers = metrics.isEmpty ? [] : [("metrics", JSONValue.array(metrics.map(\.json)))]
    return .object(
      [
        ("name", .string(name)),
        ("verdict", .string(verdict.rawValue)),
        ("reason", .optional(reason)),
        ("seconds", .seconds(seconds)),
        ("subtests", subtests.json),
        ("notes", .array(notes.map(\.json))),
        ("splats", .array(splats.map(\.json))),
        ("boot", .optional(boot)),
      ] + cause + program + usage + limit + evidence + numbers + found + circumstances)
  }

  /// What is only there in a run that was repeated, or had a load.
  private var circumstances: [(String, JSONValue)] {
    let round = self.round.map { [("round", JSONValue.int($0))] } ?? []
    let attempt = self.attempt.map { [("attempt", $0.json)] } ?? []
    let turns = self.turns.map { [("turns", $0.json)] } ?? []
    let flaky = isFlaky ? [("flaky", JSONValue.bool(true))] : []
    return round + attempt + flaky + turns + (load.map { [("load", $0.json)] } ?? [])
  }
}

extension CaseAttempt {
  var json: JSONValue {
    .object(
      [("number", .int(number)), ("limit", .int(limit)), ("reason", .string(reason))]
        + (link.map { [("link", .string($0))] } ?? []))
  }
}

extension CaseTurns {
  /// The runs that count, and the failures among them.
  var tally: RunTally {
    let counted = verdicts.compactMap(\.countsAsFailure)
    return RunTally(failures: Double(counted.count { $0 }), runs: Double(counted.count))
  }

  var json: JSONValue {
    let (tally, rate) = (tally, tally.interval())
    return .object([
      ("kind", .string(kind.rawValue)), ("failures", .int(Int(tally.failures))), ("runs", .int(Int(tally.runs))),
      ("rate", .array([.double(rate.lowerBound), .double(rate.upperBound)])), ("shown", .int(shown)),
      ("verdicts", .array(verdicts.map { .string($0.rawValue) })), ("reason", .optional(reason)),
    ])
  }
}

extension GuestLoad {
  var json: JSONValue {
    .object([("busyPerProcessor", .int(busyPerProcessor)), ("memoryLeftPercent", .int(memoryLeftPercent))])
  }
}

extension CaseFinding {
  var json: JSONValue {
    let kind = ("kind", JSONValue.string(kind.rawValue))
    return .object([kind, ("verdict", .string(verdict.rawValue)), ("text", .string(text))] + cause.details)
  }
}

extension VerdictCause {
  var json: JSONValue { .object([("kind", .string(kind.rawValue))] + details) }

  /// The fields next to the kind.
  var details: [(key: String, value: JSONValue)] {
    let names: [(key: String, value: JSONValue)] =
      self.names.isEmpty ? [] : [("names", .array(self.names.map { .string($0) }))]
    let numbers = [("status", status), ("signal", signal)].compactMap { key, number in
      number.map { (key: key, value: JSONValue.int($0)) }
    }
    return names + numbers
  }
}

extension ProgramEnd {
  var json: JSONValue {
    let status = self.status.map { [("status", JSONValue.int($0))] } ?? []
    let signal = self.signal.map { [("signal", JSONValue.int($0))] } ?? []
    let texts = [("reason", reason), ("said", said)].compactMap { key, text in
      text.map { (key, JSONValue.string($0)) }
    }
    return .object([("how", .string(how.rawValue))] + status + signal + texts)
  }
}

extension GuestEvidence {
  var json: JSONValue {
    .object([
      ("summary", .optional(summary)), ("files", .array(files.map { .string($0) })), ("memory", .optional(memory)),
      ("vmlinux", .optional(vmlinux)),
    ])
  }
}

extension StretchedLimit {
  var json: JSONValue {
    .object([
      ("seconds", .seconds(seconds)), ("addedSeconds", .seconds(addedSeconds)), ("exhausted", .bool(isExhausted)),
    ])
  }
}

extension Metric {
  var json: JSONValue {
    .object(
      [
        ("name", .string(name)), ("value", .double(value)), ("unit", .string(unit)),
        ("better", .string(better.rawValue)),
      ] + (subtest.map { [("subtest", .string($0))] } ?? []))
  }
}

extension ResourceUsage {
  var json: JSONValue {
    .object([
      ("userSeconds", .seconds(userSeconds)), ("systemSeconds", .seconds(systemSeconds)),
      ("peakResidentKiB", .int(Int(clamping: peakResidentKiB))),
    ])
  }
}

extension SubtestCounts {
  var json: JSONValue {
    .object([("pass", .int(pass)), ("fail", .int(fail)), ("skip", .int(skip)), ("known", .int(known))])
  }
}

extension SubtestNote {
  var json: JSONValue {
    .object([
      ("id", .string(id)), ("verdict", .string(verdict.rawValue)), ("known", .bool(known)), ("detail", .string(detail)),
    ])
  }
}

extension SplatNote {
  var json: JSONValue {
    .object([
      ("title", .string(title)), ("type", .string(type)), ("guestSeconds", .optional(guestSeconds)),
      ("start", .int(start)), ("end", .int(end)),
    ])
  }
}

extension BootResult {
  var json: JSONValue {
    let evidence = self.evidence.map { [("evidence", $0.json)] } ?? []
    let limit = self.limit.map { [("limit", $0.json)] } ?? []
    let cause = self.cause.map { [("cause", $0.json)] } ?? []
    let clone = self.clone.map { clone -> [(key: String, value: JSONValue)] in
      let run = clone.run.map { [(key: "run", value: JSONValue.string($0))] } ?? []
      return [("clone", .object([("boot", .int(clone.boot)), ("age", .seconds(clone.age))] + run))]
    }
    return .object(
      [
        ("id", .int(id)),
        ("suite", .string(suite)),
        ("kernel", .string(kernel)),
        ("verdict", .string(verdict.rawValue)),
        ("reason", .optional(reason)),
        ("readySeconds", readySeconds.map { .seconds($0) } ?? .null),
        ("seconds", .seconds(seconds)),
        ("console", .string(console)),
        ("splats", .array(splats.map(\.json))),
      ] + cause + evidence + limit + (clone ?? []) + (host.map { [("host", .string($0))] } ?? []))
  }
}
