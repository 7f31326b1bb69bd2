package import KTestValues

/// The results of `ktest bench boot`: rows of samples, and the relevant ratios.
package struct BootBench: Sendable, Equatable {
  package struct Row: Sendable, Equatable {
    package var name: String
    package var samples: Samples
  }

  package private(set) var rows: [Row] = []
  /// Why virtme-ng is missing in the table; nil if it was measured.
  package var withoutVirtme: String?

  private var raw = Samples()
  private var rawInit = Samples()
  private var whole = Samples()
  private var first = Samples()
  private var virtme = Samples()

  package init() {}

  package mutating func add(_ boot: RawGuest.Boot) {
    rawInit.add(boot.initStarted)
    raw.add(boot.whole)
    put(boot.initStarted, "QEMU alone: start to init")
    put(boot.whole, "QEMU alone: start to power-off")
  }

  package mutating func add(_ run: RunTimes) {
    whole.add(run.whole)
    first.add(run.firstCase)
    put(run.powerOn, "ktest run: start to power-on")
    put(run.hello, "ktest run: power-on to hello")
    put(run.firstCase, "ktest run: power-on to first case")
    if let seconds = run.initToCase { put(seconds, "ktest run: init to first case, guest's clock") }
    put(run.whole, "ktest run: whole")
  }

  package mutating func add(virtme seconds: Double) {
    virtme.add(seconds)
    put(seconds, "virtme-ng: --exec true, whole")
  }

  private mutating func put(_ seconds: Double, _ name: String) {
    if let place = rows.firstIndex(where: { $0.name == name }) {
      rows[place].samples.add(seconds)
    } else {
      rows.append(Row(name: name, samples: Samples([seconds])))
    }
  }

  /// The seconds by which the first case starts later than init under QEMU alone; both from power-on.
  package var firstCaseBehindInit: Double? { pair(first, rawInit).map { $0 - $1 } }
  /// The ratio of the whole `ktest run` to QEMU alone.
  package var runToRaw: Double? { pair(whole, raw).map { $0 / $1 } }
  /// The ratio of the whole `ktest run` to virtme-ng.
  package var runToVirtme: Double? { pair(whole, virtme).map { $0 / $1 } }

  private func pair(_ left: Samples, _ right: Samples) -> (Double, Double)? {
    guard let left = left.median, let right = right.median, right > 0 else { return nil }
    return (left, right)
  }
}

extension BootBench {
  /// The table for people.
  package var text: String {
    let width = (rows.map(\.name.count).max() ?? 0) + 2
    var lines = [BootBench.columns("", width, ["median", "least", "most"])]
    lines += rows.map { row in
      let numbers = [row.samples.median, row.samples.least, row.samples.greatest]
      return BootBench.columns(row.name, width, numbers.map { "\(decimals($0)) s" })
    }
    if let withoutVirtme { lines.append("virtme-ng: \(withoutVirtme)") }
    lines.append("")
    lines.append("first case after QEMU's init: \(decimals(firstCaseBehindInit)) s (aim: at most 0.50 s)")
    lines.append("ktest run : QEMU alone = \(decimals(runToRaw))")
    if runToVirtme != nil { lines.append("ktest run : virtme-ng = \(decimals(runToVirtme)) (aim: at most 0.35)") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func columns(_ name: String, _ width: Int, _ cells: [String]) -> String {
    name + String(repeating: " ", count: width - name.count)
      + cells.map { String(repeating: " ", count: max(0, 9 - $0.count)) + $0 }.joined()
  }

  /// The JSON for programs.
  package var json: String {
    var fields: [(key: String, value: JSONValue)] = [
      (
        "measured",
        .array(
          rows.map { row in
            .object([
              ("name", .string(row.name)), ("median", .seconds(row.samples.median ?? 0)),
              ("samples", .array(row.samples.values.map { .seconds($0) })),
            ])
          })
      )
    ]
    for (key, value) in [
      ("firstCaseBehindInit", firstCaseBehindInit), ("runToRaw", runToRaw), ("runToVirtme", runToVirtme),
    ] {
      if let value { fields.append((key, .seconds(value))) }
    }
    if let withoutVirtme { fields.append(("withoutVirtme", .string(withoutVirtme))) }
    return JSONValue.object(fields).line + "\n"
  }
}

/// Formats two decimals without Foundation; a dash for nil.
private func decimals(_ value: Double?) -> String {
  guard let value else { return "-" }
  let hundredths = Int((abs(value) * 100).rounded())
  let digits = hundredths % 100
  return (value < 0 && hundredths > 0 ? "-" : "") + "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
}
