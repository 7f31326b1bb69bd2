/// The runs of a state directory, one a line. The last one is the newest.
package func runListReport(_ runs: [RunOverview], style: TerminalStyle) -> String {
  columnReport(
    ["run (UTC)", "verdict", "took", "suites", "kernels"],
    runs.map { run in
      [
        run.id, run.word, run.seconds.map { TerminalText.duration($0) } ?? "", run.suites.joined(separator: ", "),
        run.kernels.joined(separator: ", "),
      ]
    }, style: style)
}

extension RunOverview {
  fileprivate var word: String {
    switch state {
    case .finished: verdict?.word ?? ""
    case .running: "running"
    case .interrupted: "interrupted"
    case .unreadable: "cannot be read"
    }
  }
}
