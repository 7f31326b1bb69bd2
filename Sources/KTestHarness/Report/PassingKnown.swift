import KTestValues

/// An entry under `known` whose subtests pass, in all of a run: the entry, or its `when`, can be changed.
struct PassingKnown: Equatable {
  /// The suite, perhaps with its cell.
  var suite: String
  var test: String
  /// The entry's reason, which identifies it.
  var reason: String
  var subtests: [String]
  /// The kernels on which they pass.
  var kernels: [String]

  /// Returns the entries in the order of the run. Several kernels are one entry.
  static func found(in run: RunSummary) -> [PassingKnown] {
    var found: [PassingKnown] = []
    for suite in run.suites {
      for result in suite.cases {
        for note in result.notes where note.known && note.verdict == .pass {
          let place = found.firstIndex { other in
            other.suite == suite.name && other.test == result.name && other.reason == note.detail
          }
          guard let place else {
            found.append(
              PassingKnown(
                suite: suite.name, test: result.name, reason: note.detail, subtests: [note.id],
                kernels: [suite.kernel]))
            continue
          }
          if !found[place].subtests.contains(note.id) { found[place].subtests.append(note.id) }
          if !found[place].kernels.contains(suite.kernel) { found[place].kernels.append(suite.kernel) }
        }
      }
    }
    return found
  }

  var sentence: String {
    let shown = subtests.prefix(5).joined(separator: ", ")
    let rest = subtests.count > 5 ? " and \(subtests.count - 5) more" : ""
    let verb = subtests.count == 1 ? "passes" : "pass"
    return "\(suite)/\(test): \(shown)\(rest) \(verb) on \(kernels.joined(separator: ", ")), but "
      + "\(subtests.count == 1 ? "is" : "are") listed as known to fail" + (reason.isEmpty ? "" : ": \(reason)")
  }
}
