/// A repository in this machine's apt configuration.
struct ArchiveMirror: Sendable, Equatable {
  /// The address as apt has it.
  var address: String
  /// The origin and label of its Release file; empty before the first `apt-get update`.
  var origin: String
  var label: String

  /// The format of `apt-get indextargets` that ``read(indexTargets:)`` reads.
  static let format = "$(CREATED_BY)\t$(REPO_URI)\t$(ORIGIN)\t$(LABEL)"

  /// Reads the output of `apt-get indextargets`, one line for each kind of index of a repository.
  static func read(indexTargets text: String) -> [ArchiveMirror] {
    text.split(whereSeparator: \.isNewline).compactMap { line in
      var fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4, fields[0] == "Packages", !fields[1].isEmpty else { return nil }
      // A field that is not known stays as it was written.
      for place in 2...3 where fields[place].hasPrefix("$(") { fields[place] = "" }
      return ArchiveMirror(address: fields[1], origin: fields[2], label: fields[3])
    }
  }

  /// Returns the address of the repository that has a suite of Debian's archive: of the archive itself, or of the one with
  /// the security updates, whose suites end in `-security`. Before the first `apt-get update` the address has to tell.
  static func address(for suite: String, among mirrors: [ArchiveMirror]) -> String? {
    let isSecurity = suite.hasSuffix("-security")
    let label = isSecurity ? "Debian-Security" : "Debian"
    let folder = isSecurity ? "debian-security" : "debian"
    let usable = mirrors.filter { !$0.address.hasPrefix("cdrom:") }
    let known = usable.first { $0.origin == "Debian" && $0.label == label }
    return (known ?? usable.first { $0.origin.isEmpty && Paths.last($0.address) == folder })?.address
  }
}
