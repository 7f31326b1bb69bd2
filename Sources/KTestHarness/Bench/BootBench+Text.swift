import KTestValues

extension BootBench {
  /// The table for people.
  package var text: String {
    let width = (rows.map(\.quantity.name.count).max() ?? 0) + 2
    var lines = [BootBench.columns("", width, ["median", "least", "most"])]
    lines += rows.map { row in
      let numbers = [row.samples.median, row.samples.least, row.samples.greatest]
      return BootBench.columns(row.quantity.name, width, numbers.map { "\(hundredths($0)) s" })
    }
    if let withoutForks { lines.append("clones: \(withoutForks)") }
    if let withoutVirtme { lines.append("virtme-ng: \(withoutVirtme)") }
    if !loads.isEmpty {
      lines.append("load average before each round: \(loads.map(hundredths).joined(separator: ", "))")
    }
    lines.append("")
    lines.append("first case after QEMU's init: \(hundredths(firstCaseBehindInit)) s (aim: at most 0.50 s)")
    for ratio in Ratio.allCases {
      guard let value = self[ratio] else { continue }
      lines.append(
        "\(ratio.name) = \(hundredths(value))" + (ratio.aim.map { " (aim: at most \(hundredths($0)))" } ?? ""))
    }
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
              ("name", .string(row.quantity.name)), ("median", .seconds(row.samples.median ?? 0)),
              ("samples", .array(row.samples.values.map { .seconds($0) })),
            ])
          })
      ), ("loads", .array(loads.map { .seconds($0) })),
    ]
    if let firstCaseBehindInit { fields.append(("firstCaseBehindInit", .seconds(firstCaseBehindInit))) }
    for ratio in Ratio.allCases {
      if let value = self[ratio] { fields.append(("\(ratio)", .seconds(value))) }
    }
    if let withoutForks { fields.append(("withoutForks", .string(withoutForks))) }
    if let withoutVirtme { fields.append(("withoutVirtme", .string(withoutVirtme))) }
    return JSONValue.object(fields).line + "\n"
  }
}

extension BootBench.Quantity {
  /// The name in the table.
  package var name: String {
    let cases = BootBench.cases
    return switch self {
    case .rawInit: "QEMU alone: start to init"
    case .raw: "QEMU alone: start to power-off"
    case .rawClone: "QEMU alone: a clone, start to answer"
    case .powerOn: "ktest run: start to power-on"
    case .hello: "ktest run: power-on to hello"
    case .firstCase: "ktest run: power-on to first case"
    case .initToCase: "ktest run: init to first case, guest's clock"
    case .run: "ktest run: whole"
    case .readyHello: "a clone that stands ready: asked for to hello"
    case .readyCase: "a clone that stands ready: asked for to first case"
    case .madeHello: "a clone that is made: asked for to hello"
    case .madeCase: "a clone that is made: asked for to first case"
    case .oneByOne: "\(cases) boots, one at a time"
    case .twoAtATime: "\(cases) boots, two at a time"
    case .isolated: "\(cases) clones and their boot"
    case .shared: "\(cases) cases in one guest"
    case .virtme: "virtme-ng: --exec true, whole"
    }
  }
}

extension BootBench.Ratio {
  var name: String {
    switch self {
    case .runToRaw: "ktest run : QEMU alone"
    case .readyToBoot: "first case, of a clone that stands ready : of a boot"
    case .readyToRawClone: "first case of a clone that stands ready : QEMU alone's clone"
    case .madeToRawClone: "first case of a clone that is made : QEMU alone's clone"
    case .twoToOne: "boots, two at a time : one at a time"
    case .isolatedToBooted: "isolated cases : booted ones"
    case .isolatedToShared: "isolated cases : cases in one guest"
    case .runToVirtme: "ktest run : virtme-ng"
    }
  }

  /// What it should be at most; nil where it is only told.
  var aim: Double? { self == .runToVirtme ? 0.35 : nil }
}

/// Formats two decimals without Foundation; a dash for nil.
private func hundredths(_ value: Double?) -> String {
  guard let value else { return "-" }
  let rounded = Int((abs(value) * 100).rounded())
  let digits = rounded % 100
  return (value < 0 && rounded > 0 ? "-" : "") + "\(rounded / 100).\(digits < 10 ? "0" : "")\(digits)"
}
