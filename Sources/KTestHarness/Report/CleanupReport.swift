import KTestValues

/// Returns what was removed, a line for each thing or many of a kind, and how much is left.
package func cleanupReport(_ cleanup: Cleanup, style: TerminalStyle) -> String {
  var text = ""
  var rows: [[String]] = []
  for kind in Cleanup.Item.Kind.allCases {
    let items = cleanup.removed.filter { $0.kind == kind }
    if kind.isNamed, items.count <= CleanupText.mostLines {
      rows += items.map { [CleanupText.size($0.bytes), CleanupText.day($0.lastUse), CleanupText.name($0)] }
    } else if let first = items.map(\.lastUse).min(), let last = items.map(\.lastUse).max() {
      let (start, end) = (CleanupText.day(first), CleanupText.day(last))
      rows.append([
        CleanupText.size(items.reduce(0) { $0 + $1.bytes }), start == end ? start : "\(start) to \(end)",
        CleanupText.many(kind, items.count),
      ])
    }
  }
  if !rows.isEmpty { text += columnReport(["size", "last used", "what"], rows, style: style) + "\n" }
  let what = cleanup.removed.isEmpty ? "nothing" : CleanupText.size(cleanup.freed)
  text += "\(cleanup.isDry ? "would remove" : "removed") \(what): \(CleanupText.size(cleanup.left)) "
  text += "\(cleanup.isDry ? "would be" : "are") left, the budget is \(CleanupText.size(cleanup.budget))\n"
  if cleanup.left > cleanup.budget {
    let held = cleanup.held.reduce(0) { $0 + $1.bytes }
    text +=
      "it does not fit: "
      + (held > 0 ? "\(CleanupText.size(held)) are in use or cannot be removed, and " : "")
      + "verdicts are always kept\n"
  }
  return text
}

/// Returns the same as JSON with stable keys.
package func cleanupJSON(_ cleanup: Cleanup) -> String {
  func item(_ item: Cleanup.Item) -> JSONValue {
    .object([
      ("kind", .string(item.kind.rawValue)), ("name", .string(item.name)), ("bytes", .int(item.bytes)),
      ("lastUse", .string(WallTime(milliseconds: Int64(item.lastUse) * 1000).iso)),
    ])
  }
  return JSONValue.object([
    ("dryRun", .bool(cleanup.isDry)), ("budget", .int(cleanup.budget)), ("before", .int(cleanup.before)),
    ("left", .int(cleanup.left)), ("removed", .array(cleanup.removed.map(item))),
    ("held", .array(cleanup.held.map(item))),
  ]).page
}

private enum CleanupText {
  static func size(_ bytes: Int) -> String {
    var (value, unit) = (Double(max(bytes, 0)), "B")
    for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 { (value, unit) = (value / 1024, next) }
    let tenths = Int((value * 10).rounded())
    return unit == "B" || tenths >= 100 ? "\(Int(value.rounded())) \(unit)" : "\(tenths / 10).\(tenths % 10) \(unit)"
  }

  static func day(_ seconds: Int) -> String { String(WallTime(milliseconds: Int64(seconds) * 1000).iso.prefix(10)) }

  /// More things of one kind are one line.
  static let mostLines = 20

  static func name(_ item: Cleanup.Item) -> String {
    switch item.kind {
    case .run: "consoles, output and artefacts of run \(item.name)"
    case .kernel: "kernel \(item.name)"
    case .build: "build directory \(item.name)"
    case .source: "source \(item.name)"
    case .image: "image \(item.name)"
    case .part: "part of images \(item.name)"
    case .leftover: "\(item.name), left by a killed process"
    case .sent: "file for other hosts \(item.name)"
    }
  }

  static func many(_ kind: Cleanup.Item.Kind, _ count: Int) -> String {
    switch kind {
    case .run: "consoles, output and artefacts of \(TerminalText.count(count, "run"))"
    case .kernel: TerminalText.count(count, "kernel")
    case .build: count == 1 ? "1 build directory" : "\(count) build directories"
    case .source: TerminalText.count(count, "source")
    case .image: TerminalText.count(count, "image")
    case .part: "\(TerminalText.count(count, "part")) that images are made of"
    case .leftover: "\(count) left by killed processes"
    case .sent: "\(TerminalText.count(count, "file")) for other hosts"
    }
  }
}

extension Cleanup.Item.Kind {
  /// Whether its name tells people something: images and their parts are named by hashes.
  fileprivate var isNamed: Bool { self != .image && self != .part && self != .sent }
}
