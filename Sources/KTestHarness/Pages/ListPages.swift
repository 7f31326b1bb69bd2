import KTestValues

/// The lists of runs and nights.
enum ListPages {
  /// The runs that are listed.
  private static let runs = 1000

  static func page(
    path: String, title: String, note: Markup, columns: [String], rows: [[Markup]], json: String? = nil
  ) -> Page {
    Page(
      path: path, title: title, template: .list,
      values: [
        "note": .markup(note), "hasRows": .flag(!rows.isEmpty),
        "columns": .list(columns.map { ["title": .text($0)] }),
        "rows": .list(
          rows.map { row in
            [
              "cells": .list(
                zip(columns, row).map { column, value in
                  ["label": .text(column), "value": .markup(value), "kind": .text("")]
                })
            ]
          }),
      ], json: json)
  }

  static func runs(_ facts: [(id: String, facts: RunFacts)]) -> Page {
    let shown = facts.suffix(runs).reversed()
    let rows = shown.map { id, facts -> [Markup] in
      let overview = facts.overview
      return [
        PageText.link(PagePath.run(id), id), overview.verdict.map(PageText.verdict) ?? Markup(),
        Markup(text: overview.suites.joined(separator: ", ")), Markup(text: overview.kernels.joined(separator: ", ")),
        Markup(text: overview.seconds.map(TerminalText.duration) ?? ""),
      ]
    }
    var note = Markup(text: "\(TerminalText.count(facts.count, "run")), the newest first")
    if facts.count > runs { note.add(text: "; the newest \(runs) are listed, and tests link to all") }
    return page(
      path: PagePath.runs, title: "Runs", note: note, columns: ["Run", "Verdict", "Suites", "Kernels", "Took"],
      rows: rows,
      json: JSONValue.array(
        facts.reversed().map { id, facts in
          let overview = facts.overview
          return .object([
            ("run", .string(id)), ("started", .optional(overview.started)),
            ("verdict", .optional(overview.verdict?.rawValue)), ("suites", .strings(overview.suites)),
            ("kernels", .strings(overview.kernels)), ("seconds", .optional(overview.seconds)),
          ])
        }
      ).page)
  }

  static func nights(_ records: [NightRecord]) -> Page {
    let rows = records.reversed().map { record -> [Markup] in
      [
        PageText.link(PagePath.night(record.pageName), PageText.time(record.started)), Markup(text: record.plan),
        Markup(text: NightMail(record).summary), Markup(text: "\(record.runs.count)"),
      ]
    }
    return page(
      path: PagePath.nights, title: "Nights",
      note: records.isEmpty
        ? Markup("No night is recorded yet: <code>ktest nightly</code> makes them.")
        : Markup(text: TerminalText.count(records.count, "night") + ", the newest first"),
      columns: ["Night", "Plan", "What it said", "Runs"], rows: rows,
      json: JSONValue.array(
        records.reversed().map { record in
          .object([
            ("plan", .string(record.plan)), ("night", .string(record.id)), ("state", .string(record.state.rawValue)),
            ("summary", .string(NightMail(record).summary)), ("runs", .strings(record.runs.map(\.id))),
          ])
        }
      ).page)
  }
}
