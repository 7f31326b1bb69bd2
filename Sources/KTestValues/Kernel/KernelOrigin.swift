/// The origin of a kernel. Properties that do not apply to its kind are nil.
///
/// Manifests and the records of the cache hold this value, and beside it its text for people. No program reads the text.
package struct KernelOrigin: Sendable, Codable, Equatable {
  package enum Kind: String, Sendable, Codable {
    /// A build tree, an unpacked package or an image file at `path`.
    case path
    /// The package file at `path`, whose digest is `sha256`; or several with commas between them, and a digest of all.
    case packageFile
    /// `package` in `version`, of Debian's archive. `name` is what was asked for, such as `6.12-cloud` or `7.2@sid`;
    /// `suite` is what the package is in, unless this machine's apt has it.
    case debian
    /// Built by ktest from `tree` or the source package `name`, with `base` and `compiler`, and kept at `path`. `state` is
    /// what was in the source; `commit` is its commit where it was a git tree.
    case built
    /// A source that is compiled and not booted: `tree`, perhaps at `revision`, or the source package `name`.
    case source
    /// The `vmlinux` inside of a `bzImage` whose digest is `sha256`.
    case extracted
  }

  package var kind: Kind
  /// Absolute.
  package var path: String?
  /// Behind `debian:`.
  package var name: String?
  /// Name of the Debian package.
  package var package: String?
  /// Version of the Debian package.
  package var version: String?
  /// The suite of Debian's archive.
  package var suite: String?
  /// In hexadecimal.
  package var sha256: String?
  /// The source tree, as given.
  package var tree: String?
  /// The revision of the tree, as given; nil for the files as they were.
  package var revision: String?
  /// `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, `git:COMMIT-REVERTED`, or `files:HASH`.
  package var state: String?
  /// Hash of the commit that was built.
  package var commit: String?
  /// The start of the configuration.
  package var base: String?
  /// Compiler and linker with their versions.
  package var compiler: String?

  private init(kind: Kind) { self.kind = kind }

  package static func path(_ path: String) -> KernelOrigin {
    var origin = KernelOrigin(kind: .path)
    origin.path = path
    return origin
  }

  package static func packageFile(_ path: String, sha256: String) -> KernelOrigin {
    var origin = KernelOrigin(kind: .packageFile)
    (origin.path, origin.sha256) = (path, sha256)
    return origin
  }

  /// `name` is nil if the kernel was not requested by name: the record of a cached kernel has only its package.
  package static func debian(
    name: String?, package: String? = nil, version: String? = nil, suite: String? = nil
  ) -> KernelOrigin {
    var origin = KernelOrigin(kind: .debian)
    (origin.name, origin.package, origin.version, origin.suite) = (name, package, version, suite)
    return origin
  }

  package static func source(tree: String, revision: String? = nil) -> KernelOrigin {
    var origin = KernelOrigin(kind: .source)
    (origin.tree, origin.revision) = (tree, revision)
    return origin
  }

  /// - Parameter name: for example `linux-source-6.12`.
  package static func source(package name: String) -> KernelOrigin {
    var origin = KernelOrigin(kind: .source)
    origin.name = name
    return origin
  }

  package static func extracted(sha256: String) -> KernelOrigin {
    var origin = KernelOrigin(kind: .extracted)
    origin.sha256 = sha256
    return origin
  }

  /// The kernel that was built from this source and is kept at `path`.
  package func built(at path: String, state: String, base: String, compiler: String) -> KernelOrigin {
    var origin = self
    (origin.kind, origin.path, origin.state) = (.built, path, state)
    (origin.base, origin.compiler) = (base, compiler)
    origin.commit = KernelOrigin.commit(of: state)
    return origin
  }

  /// The commit of the source; nil if it is not a git tree.
  package static func commit(of state: String) -> String? {
    state.hasPrefix("git:") ? String(state.dropFirst(4).prefix(while: \.isHexDigit)) : nil
  }
}

extension KernelOrigin {
  /// The value of `--kernel` that finds this kernel again; nil if there is none.
  package var argument: String? {
    switch kind {
    case .path, .packageFile, .built: path
    case .debian:
      (name ?? package.map { package in suite.map { "\(package)@\($0)" } ?? package }).map { "debian:\($0)" }
    case .source: sourceText
    case .extracted: nil
    }
  }

  /// The Debian package with the source of a kernel package, such as `linux-source-6.12`, or with `@SUITE` behind it; nil for
  /// every other kernel. An archive need not have it.
  package func sourcePackage(release: String) -> String? {
    let version = release.prefix { $0.isNumber || $0 == "." }.split(separator: ".").prefix(2)
    guard kind == .debian, version.count == 2 else { return nil }
    return "linux-source-\(version.joined(separator: "."))" + (suite.map { "@\($0)" } ?? "")
  }

  /// Versions of the kernel, such as `6.12.117`, that a tag of a stable release may be named after.
  package func stableVersions(release: String) -> [String] {
    [version ?? "", release].map { String($0.prefix { $0.isNumber || $0 == "." }) }
      .filter { $0.split(separator: ".").count == 3 && !$0.hasSuffix(".0") }
  }

  /// `TREE`, `TREE@REVISION` or `debian:NAME`.
  private var sourceText: String {
    if let tree { return revision.map { "\(tree)@\($0)" } ?? tree }
    return "debian:\(name ?? "")"
  }
}

extension KernelOrigin {
  /// The origin for readers elsewhere: what it is, without the places where this machine keeps it.
  package var brief: String {
    switch kind {
    case .path: KernelOrigin.name(path)
    case .packageFile: (path ?? "").split(separator: ",").map { KernelOrigin.name(String($0)) }.joined(separator: ", ")
    case .debian: package.map { "\($0) \(version ?? "")" } ?? "debian:\(name ?? "")"
    case .built: "built from \(briefSource)" + (base.map { ", \(KernelOrigin.name($0))" } ?? "")
    case .source: briefSource
    case .extracted: description
    }
  }

  private var briefSource: String {
    var brief = self
    brief.tree = tree.map(KernelOrigin.name)
    brief.revision = revision ?? (tree == nil ? nil : commit.map { String($0.prefix(12)) })
    return brief.sourceText
  }

  private static func name(_ path: String?) -> String {
    path.flatMap { $0.split(separator: "/").last.map(String.init) } ?? ""
  }
}

extension KernelOrigin: CustomStringConvertible {
  package var description: String {
    switch kind {
    case .path: return path ?? ""
    case .packageFile: return "\(path ?? "") (sha256 \(sha256 ?? ""))"
    case .debian:
      let exact = package.map { "\($0) \(version ?? "")" }
      guard let name else { return exact ?? "" }
      return "debian:\(name)" + (exact.map { " (\($0))" } ?? "")
    case .built:
      return "\(path ?? "") (built from \(sourceText), \(state ?? ""), \(base ?? ""), \(compiler ?? ""))"
    case .source: return sourceText
    case .extracted: return "extracted from a bzImage with sha256 \(sha256 ?? "")"
    }
  }
}
