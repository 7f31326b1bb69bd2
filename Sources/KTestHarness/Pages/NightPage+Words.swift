import KTestValues

extension NightRecord.Search {
  /// Its answer and how sure it is, as the end of a sentence.
  var outcome: String {
    (answer.isEmpty ? "" : ": \(answer)") + (confidence.map { ", sure to \(PageText.sureness($0))" } ?? "")
  }
}

extension NightRecord.Word {
  /// How loud it is on a page.
  var kind: String {
    switch self {
    case .notTested, .newFailure: "bad"
    case .undecided, .stillFailing: "warn"
    case .fixed: "ok"
    case .silent, .flaky, .elsewhere, .newTest: "quiet"
    }
  }

  /// Whether each is shown with all that is known of it.
  var isDetailed: Bool {
    switch self {
    case .notTested, .newFailure, .undecided, .stillFailing, .elsewhere, .fixed: true
    case .silent, .flaky, .newTest: false
    }
  }
}
