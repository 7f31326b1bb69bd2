package import KTestValues

/// The argument of `ktest kernel build`: the location of a kernel's source.
package enum KernelTreeName: Sendable, Equatable, Codable, CustomStringConvertible {
  /// A source tree, or the output directory of an earlier `make O=…`.
  case directory(String)
  /// A commit of a git tree.
  case revision(tree: String, revision: String)
  /// The package `linux-source-…` of a suite of Debian's archive, or without a suite of those that this machine's apt uses.
  case debian(String, suite: DebianSuite? = nil)

  /// Parses `DIR`, `DIR@REVISION`, `debian:linux-source-6.12` or `debian:linux-source-7.3@SUITE`. An existing directory with an `@` in its name takes
  /// precedence.
  ///
  /// Throws ``KernelBuildError/badSource(_:_:)``.
  package init(parsing text: String, isDirectory: (String) -> Bool) throws(KernelBuildError) {
    guard !text.isEmpty, !text.utf8.contains(0) else { throw .badSource(text, "give a kernel tree") }
    guard !PathText.hasControls(text) else {
      throw .badSource(PathText.shown(text), "the path has control characters, which are not supported")
    }
    if text.hasPrefix("debian:") {
      guard let (name, suite) = DebianSuite.split(String(text.dropFirst(7))) else {
        throw .badSource(text, "write a suite of Debian's archive such as trixie-backports or sid after the @")
      }
      let isName = name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 45 && $0 <= 57 && $0 != 47) }
      guard isName, name.hasPrefix("linux-source-"), name.utf8.count < 64 else {
        throw .badSource(
          text,
          "only source packages can be built, for example debian:linux-source-6.12; use 'ktest kernel fetch' for others"
        )
      }
      self = .debian(name, suite: suite)
    } else if isDirectory(text) {
      self = .directory(text)
    } else if let at = text.lastIndex(of: "@"), at != text.startIndex, text.index(after: at) != text.endIndex {
      let tree = String(text[..<at])
      guard isDirectory(tree) else { throw .badSource(text, "no directory \(tree)") }
      self = .revision(tree: tree, revision: String(text[text.index(after: at)...]))
    } else {
      throw .badSource(
        text, "no such directory; give a kernel tree, TREE@REVISION or debian:linux-source-6.12")
    }
  }

  package var description: String {
    switch self {
    case .directory(let path): path
    case .revision(let tree, let revision): "\(tree)@\(revision)"
    case .debian(let name, let suite): "debian:\(name)" + (suite.map { "@\($0)" } ?? "")
    }
  }
}

extension KernelOrigin {
  /// The source that is named.
  package init(_ name: KernelTreeName) {
    switch name {
    case .directory(let path): self = .source(tree: path)
    case .revision(let tree, let revision): self = .source(tree: tree, revision: revision)
    case .debian(let name, let suite): self = .source(package: name + (suite.map { "@\($0)" } ?? ""))
    }
  }
}
