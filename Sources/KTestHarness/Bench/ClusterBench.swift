internal import Foundation
import KTestValues

/// The results of `ktest bench cluster`: what the coordinator of many hosts costs, and how well it uses them.
package struct ClusterBench: Sendable {
  package struct Row: Sendable {
    package var hosts: Int
    /// The coordinator's processor time for a group in milliseconds.
    package var milliseconds: Double
    /// What it has kept in memory for a group in bytes, when all have their answers.
    package var bytes: Double
    /// The same when the summary has been written, all of it at once; nil without a journal.
    package var bytesAtEnd: Double?
    /// The simulated seconds until the last answer.
    package var makespan: Double
    /// The greater of all work by all slots and the longest group: nothing can be faster.
    package var bound: Double
    /// The share of all slots' time in which one had nothing to do: while groups waited, and at the end.
    package var idleWaiting: Double
    package var idleAtEnd: Double
    /// The attempts whose hosts were lost.
    package var losses: Int
    /// The cases that passed, and those that got no verdict from any host.
    package var passed: Int
    package var errors: Int
    /// What the run's events take in its journal for a group, and its manifest in all, in bytes; nil without a journal.
    package var eventBytes: Double?
    package var manifestBytes: Int?
    /// What the index of runs takes for a group once the run is in it; nil without a journal.
    package var taking: Taking?
  }

  /// What taking a run into the index costs for a group.
  package struct Taking: Sendable {
    /// The processor time in milliseconds: the journal is read, and its results are added.
    package var milliseconds: Double
    /// By how much the index has grown, in bytes.
    package var bytes: Double
  }

  package var groups: Int
  package var seed: UInt64
  package var rows: [Row] = []

  /// The cases of a suite of the simulated plan.
  static let casesOfSuite = 100

  /// Returns the number of a simulated group's case.
  static func number(of order: GroupOrder) -> Int {
    number(suite: order.parts.first?.suite.name ?? "", test: order.parts.first?.cases.first ?? "")
  }

  static func number(suite: String, test: String) -> Int {
    (Int(suite.dropFirst()) ?? 0) * casesOfSuite + (Int(test.dropFirst()) ?? 0)
  }

  package var text: String {
    func digits(_ value: Double, _ count: Int) -> String { String(format: "%.\(count)f", value) }
    let isWritten = rows.contains { $0.taking != nil }
    var lines = [
      "| hosts | processor time a group, ms | memory a group, KiB | makespan, s | : bound | idle while groups wait | idle at "
        + "the end | lost attempts | passed | errors |"
        + (isWritten
          ? " memory with the summary, KiB | events a group, B | manifest, B | into the index a group, ms | of the index, B |"
          : ""),
      "|---|---|---|---|---|---|---|---|---|---|" + (isWritten ? "---|---|---|---|---|" : ""),
    ]
    for row in rows {
      var cells = [
        "\(row.hosts)", digits(row.milliseconds, 2), digits(row.bytes / 1024, 1), digits(row.makespan, 0),
        digits(row.makespan / row.bound, 3), digits(row.idleWaiting * 100, 1) + " %",
        digits(row.idleAtEnd * 100, 1) + " %", "\(row.losses)", "\(row.passed)", "\(row.errors)",
      ]
      if let taking = row.taking {
        cells += [
          digits((row.bytesAtEnd ?? 0) / 1024, 1), digits(row.eventBytes ?? 0, 0), "\(row.manifestBytes ?? 0)",
          digits(taking.milliseconds, 2),
          digits(taking.bytes, 0),
        ]
      }
      lines.append("| " + cells.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n\n\(groups) groups, seed \(seed)\n"
  }

  package var json: String {
    JSONValue.object([
      ("groups", .int(groups)), ("seed", .int(Int(seed))),
      (
        "rows",
        .array(
          rows.map { row in
            .object([
              ("hosts", .int(row.hosts)), ("milliseconds", .double(row.milliseconds)), ("bytes", .double(row.bytes)),
              ("makespan", .double(row.makespan)), ("bound", .double(row.bound)),
              ("idleWaiting", .double(row.idleWaiting)), ("idleAtEnd", .double(row.idleAtEnd)),
              ("losses", .int(row.losses)), ("passed", .int(row.passed)), ("errors", .int(row.errors)),
              ("bytesAtEnd", .optional(row.bytesAtEnd)), ("eventBytes", .optional(row.eventBytes)),
              ("manifestBytes", .optional(row.manifestBytes)),
              ("indexMilliseconds", .optional(row.taking?.milliseconds)), ("indexBytes", .optional(row.taking?.bytes)),
            ])
          })
      ),
    ]).page
  }
}
