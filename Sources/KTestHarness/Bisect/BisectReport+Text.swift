import Foundation
import KTestValues

extension BisectReport {
  /// The report as a person reads it.
  package var text: String {
    var lines = answerLines
    func row(_ name: String, _ value: String) {
      lines.append("  " + name.padding(toLength: 11, withPad: " ", startingAt: 0) + value)
    }
    if let confidence { row("sure", String(format: "%.1f %%", confidence * 100)) }
    row("test", test)
    row("target", target)
    row("between", "\(good.joined(separator: ", ")) and \(bad)")
    for (index, sentence) in verification.enumerated() { row(index == 0 ? "checked" : "", sentence) }
    let effort = "\(BisectText.runs(runs, boots: boots)) on \(kernels) \(kernels == 1 ? "kernel" : "kernels")"
    row("effort", "\(effort), \(BisectText.seconds(seconds))")
    for (index, title) in others.enumerated() { row(index == 0 ? "also seen" : "", title) }
    if let mail { row("mail", mail) }
    if let bundle { row("bundle", bundle) }
    return lines.map { sanitised($0) }.joined(separator: "\n") + "\n"
  }

  private var answerLines: [String] {
    switch answer {
    case .commit(let commit): ["First bad commit: \(commit.reference)"]
    case .build(let good, let bad, let symbols):
      symbols.isEmpty
        ? ["First bad build: \(bad)", "  the build before it is \(good)"]
        : [
          "Caused by: \(symbols.joined(separator: ", "))",
          "  the case can run on \(good) and cannot run on \(bad); no commit is to blame",
        ]
    case .parameters(let parameters): ["Caused by: \(parameters.joined(separator: " "))"]
    case .oneOf(let commits):
      ["Not certain: the first bad commit is one of these \(commits.count)"]
        + commits.map { "  \($0.hasPrefix("debian:") ? $0 : BisectText.short($0))" }
    case .none(let reason): ["No answer: \(reason)"]
    }
  }

  /// The report for programs.
  package func json() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}
