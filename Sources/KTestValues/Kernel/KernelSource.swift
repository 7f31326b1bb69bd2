/// The value of `--kernel`.
package enum KernelSource: Sendable, Equatable, CustomStringConvertible {
  /// A build tree, an unpacked package, or an image file, which are distinguished when it is opened.
  case path(String)
  /// Package files of one kernel, Debian's or RPM.
  case packages([String])
  /// An installed kernel by its release; nil for the one that runs this machine.
  case installed(String?)
  /// A package of a suite of Debian's archive, or without a suite of those that this machine's apt uses.
  case debian(DebianKernelName, suite: DebianSuite? = nil)

  /// Parses `debian:NAME`, `debian:NAME@SUITE`, `running`, `installed:RELEASE`, paths that end in `.deb` or `.rpm` with commas
  /// between them, or any other path. Write `./debian:…` or `./running` for a file with such a name.
  ///
  /// Throws `KernelError` for an empty string, `debian:` without a usable name and an unknown `scheme:`.
  package init(parsing text: String) throws(KernelError) {
    guard !text.isEmpty, !text.utf8.contains(0) else { throw .badSource(text, "give a path or debian:NAME") }
    guard !PathText.hasControls(text) else {
      throw .badSource(PathText.shown(text), "the path has control characters, which are not supported")
    }
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    if text == "running" {
      self = .installed(nil)
    } else if parts.count == 2, parts[0] == "installed" {
      guard !parts[1].isEmpty, !parts[1].contains("/"), !parts[1].hasPrefix(".") else {
        throw .badSource(text, "write a release such as 6.1.0-56-amd64 after installed:")
      }
      self = .installed(String(parts[1]))
    } else if parts.count == 2, KernelSource.isScheme(parts[0]) {
      guard parts[0] == "debian" else {
        throw .badSource(
          text,
          "\(parts[0]): is not a known kind of source; give debian:NAME, installed:RELEASE or a path (./\(text) for a file)"
        )
      }
      guard let (words, suite) = DebianSuite.split(String(parts[1])) else {
        throw .badSource(text, "write a suite of Debian's archive such as trixie-backports or sid after the @")
      }
      guard let name = DebianKernelName(parsing: words) else {
        throw .badSource(text, "write a package name or a short form such as 6.12-cloud after debian:")
      }
      self = .debian(name, suite: suite)
    } else if let files = KernelSource.packages(text) {
      self = .packages(files)
    } else {
      self = .path(text)
    }
  }

  package var description: String {
    switch self {
    case .path(let path): path
    case .packages(let paths): paths.joined(separator: ",")
    case .installed(let release): release.map { "installed:\($0)" } ?? "running"
    case .debian(let name, let suite): "debian:" + KernelSource.text(name, suite)
    }
  }

  /// Returns the paths in `a.deb,b.deb`; nil if the text is another path. Of a path with a comma in it, the part before the
  /// comma does not end like a package.
  private static func packages(_ text: String) -> [String]? {
    func isPackage(_ path: some StringProtocol) -> Bool { path.hasSuffix(".deb") || path.hasSuffix(".rpm") }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    if parts.allSatisfy(isPackage) { return parts.map(String.init) }
    return isPackage(text) ? [text] : nil
  }

  /// Returns a name with its suite, as it is written after `debian:`.
  package static func text(_ name: DebianKernelName, _ suite: DebianSuite?) -> String {
    suite.map { "\(name)@\($0)" } ?? "\(name)"
  }

  /// Returns whether the text consists of letters only: strings such as `host:path` are paths, but a misspelt `debian:`
  /// is an error.
  private static func isScheme(_ text: Substring) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0 >= 97 && $0 <= 122 }
  }
}
