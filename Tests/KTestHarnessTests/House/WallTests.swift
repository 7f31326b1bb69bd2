import Foundation
import Testing

/// The walls between the rooms (docs/architecture.md).
@Suite("The house")
struct WallTests {
  private struct Source {
    var path: String
    var lines: [Substring]

    var imports: [String] {
      lines.filter { $0.contains("import ") && !$0.hasPrefix("//") }.compactMap { line in
        let words = line.split(separator: " ")
        guard let place = words.firstIndex(of: "import"), place + 1 < words.count, place <= 2 else { return nil }
        return String(words[place + 1])
      }
    }

    /// Lines without comments, cut at `//`.
    var code: [Substring] {
      lines.map { line in
        guard let comment = line.firstRange(of: "//") else { return line }
        return line[..<comment.lowerBound]
      }
    }

    /// Names that the code mentions.
    var names: Set<Substring> { Set(code.flatMap { $0.split { !($0.isLetter || $0.isNumber || $0 == "_") } }) }
  }

  private static let sources: [Source] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources").path
    return ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).filter { $0.hasSuffix(".swift") }
      .sorted().compactMap { path in
        guard let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) else { return nil }
        return Source(path: path, lines: text.split(separator: "\n", omittingEmptySubsequences: false))
      }
  }()

  private func room(_ name: String) -> [Source] { Self.sources.filter { $0.path.hasPrefix("KTestHarness/\(name)/") } }

  @Test("the sources are found at all")
  func found() {
    #expect(Self.sources.count > 100)
    #expect(
      room("Virt").contains { $0.imports.contains("CVirt") } && room("YAML").contains { $0.imports.contains("CYaml") })
  }

  @Test("only one room knows each C library", arguments: [("CVirt", "Virt"), ("CYaml", "YAML")])
  func libraries(_ library: String, _ owner: String) {
    for source in Self.sources where source.imports.contains(library) {
      #expect(source.path.hasPrefix("KTestHarness/\(owner)/"), "\(source.path) imports \(library)")
    }
  }

  @Test("programs are started and files are locked in one room", arguments: ["HostProgram", "FileLock"])
  func oneRoom(_ type: String) throws {
    let owner = "KTestHarness/System/\(type).swift"
    let word: Substring = type == "FileLock" ? "flock" : "PlatformOptions"
    #expect(Self.sources.first { $0.path == owner }?.names.contains(word) == true)
    for source in Self.sources where source.path != owner {
      #expect(!source.names.contains(word), "\(source.path) mentions \(word)")
      if !source.path.hasPrefix("KTestHarness/System/") {
        #expect(!source.imports.contains("Subprocess"), "\(source.path) imports Subprocess")
      }
    }
  }

  @Test(
    "rooms of values know no files, no processes and no waiting",
    arguments: ["Console", "Suite", "Kernel", "Kconfig", "YAML", "Digest", "Formats"])
  func values(_ name: String) {
    #expect(!room(name).isEmpty)
    for source in room(name) {
      for module in ["Foundation", "FoundationEssentials", "Dispatch", "Synchronization", "Subprocess"] {
        #expect(!source.imports.contains(module), "\(source.path) imports \(module)")
      }
      #expect(!source.names.contains("async") && !source.names.contains("await"), "\(source.path) waits")
    }
  }

  @Test("what is written down knows nothing of libvirt and guests that run", arguments: ["Report", "Journal", "Store"])
  func records(_ name: String) {
    for source in room(name) {
      let known = source.names.filter {
        $0.hasPrefix("Virt") || ["LibvirtHost", "LibvirtGuest", "GuestHost", "Guest"].contains($0)
      }
      #expect(known.isEmpty, "\(source.path) mentions \(known.sorted())")
    }
  }

  @Test("the Run room knows neither journal nor reports, the Guest room neither KTAP nor suites")
  func inwards() {
    let foreign: [(String, [String])] = [
      (
        "Run", ["Journal", "RunRecord", "TerminalReport", "JUnitReport", "LiveTerminal", "LibvirtHost", "LibvirtGuest"]
      ),
      ("Guest", ["KTAPParser", "KTAPReport", "SplatDetector", "Splat", "Suite", "Case", "Journal", "Judge"]),
      ("Bisect", ["LibvirtHost", "LibvirtGuest", "GuestHost", "Guest", "GuestDescription", "VirtConnection"]),
      ("Virt", ["GuestDescription", "GuestEvent", "DomainXML", "Suite", "KernelBuild"]),
    ]
    for (name, types) in foreign {
      for source in room(name) {
        let known = source.names.intersection(types.map { $0[...] })
        #expect(known.isEmpty, "\(source.path) mentions \(known.sorted())")
      }
    }
  }

  @Test("a search and a session print nothing", arguments: ["Bisect", "Session"])
  func prints(_ name: String) {
    for source in room(name) {
      let known = source.names.intersection(["print", "writeAll", "LiveTerminal", "StandardOutput"])
      #expect(known.isEmpty, "\(source.path) mentions \(known.sorted())")
    }
  }

  @Test("files are short")
  func size() {
    for source in Self.sources { #expect(source.lines.count <= 401, "\(source.path): \(source.lines.count) lines") }
  }

  @Test("types say what they are")
  func typeNames() {
    let kinds: Set<Substring> = ["struct", "class", "enum", "actor", "protocol", "typealias"]
    for source in Self.sources {
      for line in source.code {
        let words = line.split { !($0.isLetter || $0.isNumber || $0 == "_") }
        for (kind, name) in zip(words, words.dropFirst()) where kinds.contains(kind) {
          let empty = ["Manager", "Helper", "Util", "Handler", "Service", "Impl"].filter { name.contains($0) }
          #expect(empty.isEmpty, "\(source.path): \(name)")
        }
      }
    }
  }

  @Test("every file of the harness lies in a known room")
  func rooms() {
    let known: Set<Substring> = [
      "Suite", "Kernel", "Build", "Image", "Console", "Virt", "Guest", "Run", "Journal", "Bisect", "Store", "Report",
      "YAML", "Digest", "Formats", "Git", "System", "Bench", "Selftest", "Logs", "Symbols", "Kconfig", "Make",
      "Session",
    ]
    for source in Self.sources where source.path.hasPrefix("KTestHarness/") {
      let parts = source.path.split(separator: "/")
      #expect(parts.count == 3 && known.contains(parts[1]), "\(source.path)")
    }
  }
}
