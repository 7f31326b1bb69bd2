import KTestValues

/// The draft of a mail to a kernel's maintainers about a regression. It is written to a file and never sent. Its
/// contents follow Documentation/admin-guide/reporting-regressions.rst, submitting-patches.rst ("Fixes:") and
/// https://linux-regtracking.leemhuis.info/regzbot/ for the command to the tracker.
package struct BisectMail: Sendable, Equatable {
  package struct Commit: Sendable, Equatable {
    /// The reference to the commit: `123456789abc ("mm: do this")`.
    package var reference: String
    package var hash: String
    package var subject: String

    package init(reference: String, hash: String, subject: String) {
      (self.reference, self.hash, self.subject) = (reference, hash, subject)
    }
  }

  package var culprit: Commit
  /// The failing test, such as `device-dax:io-4k`.
  package var test: String
  /// The splat's title, or the name of what fails.
  package var target: String
  /// The lines of the splat as they were on the console.
  package var splat: [String]
  /// Names and values in order: kernel, configuration, guest, accelerator, compiler.
  package var environment: [(name: String, value: String)]
  /// The command that reproduces the failure.
  package var reproduce: String
  /// Sentences about the verification and its results.
  package var verification: [String]
  package var good: String
  package var bad: String
  /// The addresses, with the author of the commit first.
  package var recipients: [String]

  package init(
    culprit: Commit, test: String, target: String, splat: [String], environment: [(name: String, value: String)],
    reproduce: String, verification: [String], good: String, bad: String, recipients: [String]
  ) {
    (self.culprit, self.test, self.target, self.splat) = (culprit, test, target, splat)
    (self.environment, self.reproduce, self.verification) = (environment, reproduce, verification)
    (self.good, self.bad, self.recipients) = (good, bad, recipients)
  }

  package static func == (left: BisectMail, right: BisectMail) -> Bool { left.text == right.text }

  /// The mail: RFC 5322 headers, an empty line, the text. Lines of prose are at most 75 columns wide; those of a splat
  /// stay whole, as maintainers prefer.
  package var text: String {
    var lines: [String] = []
    if let first = recipients.first { lines.append("To: \(BisectMail.header(first))") }
    let rest = recipients.dropFirst()
    if !rest.isEmpty { lines.append("Cc: " + rest.map(BisectMail.header).joined(separator: ",\n    ")) }
    lines.append("Subject: " + BisectMail.header("[REGRESSION] \(target), bisected to \(culprit.reference)"))
    lines.append("")
    lines += wrapped("Hi,")
    lines.append("")
    lines += wrapped("since commit \(culprit.reference) the test \(test) fails with")
    lines += ["", "    " + sanitised(target), ""]
    lines += wrapped("\(good) does not show it, \(bad) does.")
    if !splat.isEmpty { lines += [""] + splat.map { sanitised($0) } }
    lines += ["", "How it was found and checked:", ""]
    for sentence in verification { lines += wrapped(sentence, first: "- ", rest: "  ") }
    lines += ["", "To reproduce it:", "", "    " + sanitised(reproduce), "", "Environment:", ""]
    let width = environment.map(\.name.count).max() ?? 0
    for (name, value) in environment {
      lines.append("  \(name.padded(to: width))  \(sanitised(value))")
    }
    lines += ["", "Fixes: \(sanitised(culprit.reference))", "", "#regzbot introduced: \(culprit.hash)"]
    lines.append("#regzbot title: \(sanitised(target))")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns the header on one line, whatever a commit's subject contains.
  private static func header(_ text: String) -> String { sanitised(text).replacing("\n", with: " ") }

  private func wrapped(_ text: String, first: String = "", rest: String = "") -> [String] {
    var lines: [String] = []
    var line = first
    for word in sanitised(text).split(separator: " ") {
      if line.count + word.count > 75, line != first, line != rest {
        lines.append(String(line.dropLast()))
        line = rest
      }
      line += word + " "
    }
    lines.append(String(line.dropLast()))
    return lines
  }
}

extension String {
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
