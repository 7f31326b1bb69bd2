extension NightRecord {
  /// What another lab's runs since the last night have shown.
  package struct Lab: Sendable, Equatable, Codable {
    /// A test that failed there, by the names there.
    package struct Failure: Sendable, Equatable, Codable {
      package var group: String
      package var test: String
      /// The branch or kernel of the newest run that has it.
      package var branch: String
      /// Where the lab shows it; empty if it says nothing.
      package var link: String

      package init(group: String, test: String, branch: String, link: String = "") {
        (self.group, self.test, self.branch, self.link) = (group, test, branch, link)
      }
    }

    /// The name in the plan.
    package var name: String
    package var runs = 0
    package var passed = 0
    package var skipped = 0
    package var failures: [Failure] = []
    /// Whether there were more failures than are listed.
    package var hasMore = false

    package init(name: String) { self.name = name }

    /// Whether a test of ours failed there.
    package func fails(_ series: SeriesKey) -> Bool {
      failures.contains {
        $0.group == "ktest-" + NIPAName(series.suite + (series.cell.isEmpty ? "" : "[\(series.cell)]")).text
          && $0.test == NIPAName(series.test).text
      }
    }
  }
}

/// A name of letters, digits, dots, underlines and dashes, as all of NIPA's are.
package struct NIPAName: Sendable, Hashable {
  package let text: String

  package init(_ name: String) {
    var plain = ""
    for byte in name.utf8 where plain.utf8.count < 100 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"):
        plain.unicodeScalars.append(Unicode.Scalar(byte))
      default: if !plain.isEmpty, plain.last != "-" { plain += "-" }
      }
    }
    while plain.last == "-" { plain.removeLast() }
    text = plain.isEmpty ? "unnamed" : plain
  }
}
