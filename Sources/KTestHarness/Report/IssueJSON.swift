package import KTestValues

/// Returns the issues as JSON with stable keys.
package func issueJSON(_ issues: [Issue]) -> String { JSONValue.array(issues.map(\.json)).page }

extension Issue {
  fileprivate var json: JSONValue {
    .object([
      ("id", .string(id)), ("title", .string(title)), ("kind", .string(kind)), ("state", .string(state.rawValue)),
      ("seen", .int(seen)), ("runs", .int(runs)), ("cameBack", .int(returns)), ("verdict", .string(worst.rawValue)),
      ("first", first.json), ("since", since.json), ("last", last.json), ("kernels", .strings(kernels)),
      ("hosts", .strings(hosts)), ("notTestedSince", .time(untestedSince)), ("excuse", excuse.json),
      ("series", .array(parts.map(\.json))),
    ])
  }

  private var kind: String {
    switch key {
    case .splat: "splat"
    case .test: "test"
    }
  }
}

extension Issue.Sighting {
  fileprivate var json: JSONValue {
    .object([
      ("run", .string(run)), ("time", .time(started)), ("kernel", .string(kernel)), ("release", .string(release)),
      ("series", .string(series.name)), ("verdict", .string(verdict.rawValue)),
      ("reason", reason.isEmpty ? .null : .string(reason)),
    ])
  }
}

extension Issue.Part {
  fileprivate var json: JSONValue {
    .object([
      ("series", .string(series.name)), ("family", .string(series.family)),
      ("accelerator", .string(series.accelerator)), ("host", .string(series.host)), ("seen", .int(seen)),
      ("runs", .int(runs)), ("cleanRuns", .int(cleanRuns)), ("neededRuns", .optional(neededRuns)),
      ("closed", .bool(isClosed)), ("cameBack", .int(returns)), ("notTestedSince", .time(untestedSince)),
      ("first", .string(first.run)), ("last", .string(last.run)),
    ])
  }
}

extension Excuses.Answer {
  fileprivate var json: JSONValue {
    guard let excuse else { return .null }
    let counts = if case .holds = self { true } else { false }
    return .object([
      ("reason", .string(excuse.reason)), ("link", .string(excuse.link)),
      ("until", .string(excuse.until.description)), ("line", .int(excuse.line)), ("counts", .bool(counts)),
    ])
  }
}

extension JSONValue {
  fileprivate static func time(_ milliseconds: Int64?) -> JSONValue {
    .optional(milliseconds.map { WallTime(milliseconds: $0).iso })
  }
}
