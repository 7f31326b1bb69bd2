import KTestValues

/// A message of a search that is under way. Whoever started the search decides where it is shown.
package enum SearchNews: Sendable, Equatable {
  /// One sentence for the user.
  case note(String)
  /// A row of the table of runs.
  case row(String)
  /// The current activity; the next one replaces it.
  case activity(String)
  /// There is no activity any more.
  case idle

  package typealias Sink = @Sendable (SearchNews) -> Void
}

/// Describes the steps of a search and passes the texts to a sink.
struct SearchTeller: Sendable {
  let tell: SearchNews.Sink

  func say(_ text: String) { tell(.note(text)) }

  /// Reports which search this is, and how much is already known.
  func begin(_ bisection: Bisection, in directory: String) {
    say("search \(directory.split(separator: "/").last ?? "")")
    if !bisection.evidence.isEmpty { say("\(bisection.evidence.count) runs are already known") }
  }

  func show(_ event: SearchEvent) {
    switch event {
    case .building(let what, let purpose):
      tell(.activity("\(BisectText.word(purpose)) \(BisectText.name(what)): kernel"))
    case .running(let what, let purpose, let boot, let most, let clones):
      let limit = most > 1 ? " of at most \(most)" : ""
      let doing = clones > 1 ? "boot \(boot)\(limit), up to \(clones) runs" : "run \(boot)\(limit)"
      tell(.activity("\(BisectText.word(purpose)) \(BisectText.name(what)): \(doing)"))
    case .stepped(let step, let bisection):
      guard let text = BisectText.line(step, number: bisection.evidence.count) else { return }
      tell(.row(text[0] + "  " + BisectText.standing(bisection)))
      for line in text.dropFirst() { tell(.row(line)) }
    case .trying(let names, let count): tell(.activity("with \(BisectText.differences(names, of: count))"))
    case .tried(let trial, let search):
      for line in BisectText.line(trial, search.differences, number: search.runs) { tell(.row(line)) }
    }
  }

  func end() { tell(.idle) }
}
