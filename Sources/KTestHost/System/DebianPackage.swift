/// A package that apt can install, as listed by `apt-cache show`.
package struct DebianPackage: Sendable, Equatable {
  package var name: String
  package var version: String
  package var architecture: String
  /// The size of the package's file in bytes.
  package var size: Int?
  /// The names of the packages it depends on, including alternatives.
  package var depends: [String]
  /// The versions of the packages that it depends on in exactly one version.
  package var pinned: [String: String]
  /// Whether an archive has it; false for one that is only installed.
  package var isInArchive: Bool

  /// The name and version as a file name, without the colon of an epoch.
  package var entry: String { "\(name)_\(version.replacing(":", with: "%3a"))" }
  /// The folder that holds the unpacked package.
  package var folder: String { "\(name)_\(version)_\(architecture)" }
  /// The name and version in apt-get's notation, which is also that of a run's manifest.
  package var text: String { "\(name)=\(version)" }

  /// Reads the output of `apt-cache show`. The first stanza of a package is the version that apt would install.
  package static func read(aptCacheShow text: String) -> [DebianPackage] {
    var names: Set<String> = []
    return readAll(aptCacheShow: text).filter { names.insert($0.name).inserted }
  }

  /// Reads the output of `apt-cache show` with all versions of the packages.
  package static func readAll(aptCacheShow text: String) -> [DebianPackage] {
    var packages: [DebianPackage] = []
    var fields: [String: String] = [:]
    func finish() {
      if let package = DebianPackage(fields) { packages.append(package) }
      fields = [:]
    }
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty {
        finish()
      } else if line.first?.isWhitespace == false, let colon = line.firstIndex(of: ":") {
        let key = String(line[..<colon])
        fields[key] = fields[key] ?? String(line[line.index(after: colon)...].drop(while: \.isWhitespace))
      }
    }
    finish()
    return packages
  }

  private init?(_ fields: [String: String]) {
    guard let name = fields["Package"], let version = fields["Version"], let architecture = fields["Architecture"],
      DebianPackage.isName(name), !(version + architecture).contains("/")
    else { return nil }
    (self.name, self.version, self.architecture) = (name, version, architecture)
    size = fields["Size"].flatMap(Int.init)
    depends = (fields["Depends"] ?? "").split { $0 == "," || $0 == "|" }.compactMap {
      $0.split { $0.isWhitespace || $0 == "(" || $0 == ":" }.first.map(String.init)
    }
    pinned = [:]
    for entry in (fields["Depends"] ?? "").split(separator: ",") {
      // `linux-base-7.3.4 (= 7.3.4-1)`
      let words = entry.split { $0.isWhitespace || "()".contains($0) }.map(String.init)
      if words.count == 3, words[1] == "=", pinned[words[0]] == nil { pinned[words[0]] = words[2] }
    }
    isInArchive = fields["Filename"] != nil
  }

  /// Checks a name against Debian Policy, 5.6.1. Anything else could be a path or an option.
  private static func isName(_ text: String) -> Bool {
    let isPlain = { (byte: UInt8) in byte >= 97 && byte <= 122 || byte >= 48 && byte <= 57 }
    return text.utf8.first.map(isPlain) == true && text.utf8.allSatisfy { isPlain($0) || "+-.".utf8.contains($0) }
  }
}
