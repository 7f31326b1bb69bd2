/// Which functions make the difference between two values of a metric. All rows together come to the values.
package struct FunctionDifference: Sendable, Equatable {
  /// A function on both sides, for one page or one call.
  package struct Row: Sendable, Equatable {
    package var name: String
    package var before: Double
    package var after: Double
    package var callsBefore: Double
    package var callsAfter: Double

    package var change: Double { after - before }
  }

  /// The row for what the clock says beyond the functions.
  package static let clock = "(clock)"

  package var metric: String
  package var before: Double
  package var after: Double
  /// The functions whose counts differ, the greatest difference first.
  package private(set) var changed: [Row] = []
  /// The sum of those that are the same on both sides, and their number.
  package private(set) var same = 0.0
  package private(set) var sameCount = 0
  /// What the clock counted and no function executed: waiting, less what reading the clock costs.
  package private(set) var clock: Row

  /// - Parameter values: of the metric, on both sides.
  package init(_ old: FunctionCounts, _ new: FunctionCounts, values: (before: Double, after: Double)) {
    (metric, before, after) = (old.metric, values.before, values.after)
    var rows: [String: Row] = [:]
    for (counts, isOld) in [(old, true), (new, false)] {
      for function in counts.functions {
        var row =
          rows[function.name]
          ?? Row(name: function.name, before: 0, after: 0, callsBefore: 0, callsAfter: 0)
        let (amount, calls) = (
          Double(function.instructions) / Double(counts.per), Double(function.calls) / Double(counts.per)
        )
        if isOld {
          (row.before, row.callsBefore) = (row.before + amount, row.callsBefore + calls)
        } else {
          (row.after, row.callsAfter) = (row.after + amount, row.callsAfter + calls)
        }
        rows[function.name] = row
      }
    }
    // In one order, because sums of fractions depend on it.
    for row in rows.values.sorted(by: { $0.name < $1.name }) {
      if row.change == 0 { (same, sameCount) = (same + row.before, sameCount + 1) } else { changed.append(row) }
    }
    changed.sort { (abs($0.change), $1.name) > (abs($1.change), $0.name) }
    clock = Row(
      name: FunctionDifference.clock, before: values.before - Double(old.total) / Double(old.per),
      after: values.after - Double(new.total) / Double(new.per), callsBefore: 0, callsAfter: 0)
  }
}
