import KTestValues

/// Words and numbers as all pages have them.
enum PageText {
  /// `2026-11-29 02:15`, in UTC.
  static func time(_ milliseconds: Int64) -> String {
    String(WallTime(milliseconds: milliseconds).iso.prefix(16)).replacing("T", with: " ")
  }

  static func day(_ milliseconds: Int64) -> String { String(WallTime(milliseconds: milliseconds).iso.prefix(10)) }

  /// A share in percent.
  static func percent(_ share: Double) -> String { "\(HistoryText.number(min(max(share, 0), 1))) %" }

  /// A probability in percent, of which certainty is never said.
  static func sureness(_ probability: Double) -> String {
    if probability > 0.999 { return "more than 99.9 %" }
    // It is not rounded to 100 %.
    return probability < 0.99 ? percent(probability) : "99.\(Int(probability * 1000) - 990) %"
  }

  static func share(_ tally: RunTally) -> String {
    tally.runs > 0 ? HistoryText.share(tally) : "never tested"
  }

  /// A letter and a word in the colour of a verdict.
  static func verdict(_ verdict: Verdict) -> Markup {
    var markup = Markup()
    markup.begin("span", ["class": "verdict \(Strip.kind(verdict.letter))"])
    markup.add(text: verdict.word)
    markup.end("span")
    return markup
  }

  static func fact(_ title: String, _ value: Markup) -> PageValues { ["title": .text(title), "value": .markup(value)] }
  static func fact(_ title: String, _ value: String) -> PageValues { fact(title, Markup(text: value)) }

  static func link(_ target: String?, _ text: String) -> Markup {
    var markup = Markup()
    markup.link(target, text: text)
    return markup
  }

  /// Returns the text quoted as one word of a shell's command line.
  static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
        || "-_./:=@,+%".utf8.contains(byte)
    }
    return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
  }

  /// The command that runs a test again. Colons of a subtest are not for a command line.
  static func command(suite: String, test: String, kernel: String) -> String {
    "ktest run " + quoted("\(suite):\(test)") + " --kernel " + quoted(kernel)
  }

  static func kernel(_ kernel: IndexedRun.Kernel) -> String {
    var parts = [kernel.label]
    if !kernel.release.isEmpty, !kernel.label.contains(kernel.release) { parts.append("(\(kernel.release))") }
    if !kernel.commit.isEmpty { parts.append(String(kernel.commit.prefix(12))) }
    return parts.joined(separator: " ")
  }

  /// A number with about four digits that say something.
  static func number(_ value: Double) -> String {
    guard value.isFinite else { return "–" }
    let size = abs(value)
    if size >= 1e15 { return "\(value)" }
    let places = size >= 1000 || size == 0 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 3 : 5
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let text = "\((value * scale).rounded() / scale)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

extension SeriesKey {
  /// The suite as in journals, with its cell.
  var suiteName: String { cell.isEmpty ? suite : "\(suite)[\(cell)]" }

  var placeText: String { place.isEmpty ? "kernels of unknown origin" : place }
}

/// Returns an address of the web without a slash at its end, or nil if it is none.
package func pageAddress(_ text: String) -> String? {
  guard text.utf8.count < 500, text.hasPrefix("https://") || text.hasPrefix("http://"),
    text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !"\"'<>\\`?#".utf8.contains($0) })
  else { return nil }
  var address = Substring(text)
  while address.hasSuffix("/") { address = address.dropLast() }
  return address.count > "https://".count ? String(address) : nil
}
