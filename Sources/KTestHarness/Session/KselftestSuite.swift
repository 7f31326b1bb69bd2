import KTestValues

/// A suite of any folder of the kernel's selftests, `kselftest:FOLDER`. Its cases are what the Makefile of the tree under
/// test lists.
package struct KselftestSuite: Sendable, Equatable {
  package static let prefix = "kselftest:"

  package var folder: String
  /// The selected cases; nil for all.
  package var selection: String?

  /// Returns nil if the text is no such suite. `kselftest:mm:cow` selects a case of it.
  package init?(parsing text: String) {
    guard text.hasPrefix(KselftestSuite.prefix) else { return nil }
    let parts = text.dropFirst(KselftestSuite.prefix.count).split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    folder = parts.first.map(String.init) ?? ""
    selection = parts.count > 1 && !parts[1].isEmpty ? String(parts[1]) : nil
  }

  /// The name of the suite: lower-case letters, digits and `-`.
  private var name: String {
    "kselftest-" + folder.lowercased().map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" }
  }

  /// The suite as a file. A run keeps it, like every suite, and can be repeated from it.
  package var text: String {
    """
    suite: \(name)
    description: "tools/testing/selftests/\(folder), as the tree's Makefile lists it"
    guest: {memory: 3GiB, cpus: 2}
    image: kselftest
    collection: "\(folder)"
    parameters:
      tests: {description: "the tests to run, separated by blanks; * stands for any text"}
      needs: {description: "'any' runs tests although the kernel lacks symbols of the folder's config"}
    setup:
      - [/bin/busybox, sh, -c, "/bin/busybox --install -s 2>/dev/null; /bin/ip link set lo up 2>/dev/null; true"]
    cases: []

    """
  }
}
