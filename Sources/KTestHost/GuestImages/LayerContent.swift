import KTestValues

/// The content of a layer; files are named by their SHA-256 and are in the cache.
struct LayerContent: Sendable, Equatable {
  enum Body: Sendable, Equatable {
    case directory
    case file(sha256: String, size: Int)
    case symlink(String)
  }

  struct Entry: Sendable, Equatable {
    var path: String
    var mode: UInt32
    var body: Body
    /// Whether it is a library that a program needs and that the recipe does not name.
    var isLibrary = false
  }

  /// A file of the host that the layer was made from, with its identity.
  struct Input: Sendable, Equatable {
    var path: String
    var state: String
  }

  var entries: [Entry] = []
  /// The versions of packages, compilers and sources, for the manifest of a run.
  var details: [String] = []
  var inputs: [Input] = []
  /// What is missing, and why. It is determined anew each time and not kept in the cache.
  var omitted: [ImageOmission] = []
  /// The folder of selftests that the layer was made from.
  var folder: SelftestFolder?

  /// The SHA-256 of what goes into the image.
  var identity: String {
    SHA256.hex(of: entries.map(LayerContent.line).joined(separator: "\n"))
  }

  /// The text form with one entry per line and fields separated by tabs: paths have no control characters.
  package var text: String {
    var lines = entries.map(LayerContent.line) + details.map { "detail\t" + $0 }
    if let folder {
      lines.append("folder\t\(folder.to)\t\(folder.name)\t\(folder.tree)")
      lines += folder.files.map { "listed\t\($0.kind.rawValue)\t\($0.name)" }
      lines += folder.timeout.map { ["timeout\t\($0)"] } ?? []
      lines += folder.config.map { "config\t\($0)" }
      lines += folder.invocations.map { (["invoked"] + $0.words).joined(separator: "\t") }
      lines += folder.calls.sorted { $0.key < $1.key }.map { (["calls", $0.key] + $0.value).joined(separator: "\t") }
    }
    let body = (["ktest-layer 2"] + lines + inputs.map { "input\t\($0.path)\t\($0.state)" } + ["end"])
      .joined(separator: "\n")
    return "\(body) \(SHA256.hex(of: body))\n"
  }

  /// Returns nil if the text is damaged or was written by another version.
  init?(text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
    guard let last = lines.popLast(), last.hasPrefix("end") else { return nil }
    switch lines.first {
    // An older ktest kept no digest.
    case "ktest-layer 1": guard last == "end" else { return nil }
    case "ktest-layer 2":
      let body = (lines + ["end"]).joined(separator: "\n")
      guard last == "end \(SHA256.hex(of: body))" else { return nil }
    default: return nil
    }
    for line in lines.dropFirst() {
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      switch (fields[0], fields.count) {
      case ("directory", 3):
        guard let mode = UInt32(fields[1], radix: 8) else { return nil }
        entries.append(Entry(path: fields[2], mode: mode, body: .directory))
      case ("file", 5), ("library", 5):
        guard let mode = UInt32(fields[1], radix: 8), let size = Int(fields[3]) else { return nil }
        entries.append(
          Entry(
            path: fields[4], mode: mode, body: .file(sha256: fields[2], size: size),
            isLibrary: fields[0] == "library"))
      case ("symlink", 4):
        guard let mode = UInt32(fields[1], radix: 8) else { return nil }
        entries.append(Entry(path: fields[3], mode: mode, body: .symlink(fields[2])))
      case ("detail", _): details.append(fields.dropFirst().joined(separator: "\t"))
      case ("folder", 4): folder = SelftestFolder(to: fields[1], name: fields[2], tree: fields[3])
      case ("listed", 3):
        guard let kind = SelftestFile.Kind(rawValue: fields[1]), folder != nil else { return nil }
        folder?.files.append(SelftestFile(kind, fields[2]))
      case ("timeout", 2): folder?.timeout = Int(fields[1])
      case ("config", 2): folder?.config.append(fields[1])
      case ("invoked", _): folder?.invocations.append(SelftestInvocation(Array(fields.dropFirst())))
      case ("calls", 3...): folder?.calls[fields[1]] = Array(fields.dropFirst(2))
      case ("input", 3): inputs.append(Input(path: fields[1], state: fields[2]))
      default: return nil
      }
    }
  }

  init() {}

  private static func line(_ entry: Entry) -> String {
    let mode = String(entry.mode, radix: 8)
    switch entry.body {
    case .directory: return "directory\t\(mode)\t\(entry.path)"
    case .file(let sha256, let size):
      return "\(entry.isLibrary ? "library" : "file")\t\(mode)\t\(sha256)\t\(size)\t\(entry.path)"
    case .symlink(let target): return "symlink\t\(mode)\t\(target)\t\(entry.path)"
    }
  }
}
