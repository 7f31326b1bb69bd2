import Foundation
import Testing

/// The walls between the rooms of a ring, as the tables of docs/architecture.md draw them. Between rings the compiler
/// guards: a target imports only those inside of it.
@Suite("The house")
struct WallTests {
  /// The targets of the library, from the inside out.
  static let rings = ["KTestValues", "KTestHost", "KTestGuests", "KTestHarness"]

  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  private static let sources: [HouseSource] = HouseSource.all(below: "\(root)/Sources")

  private static let rooms: [HouseRoom] = {
    let page = (try? String(contentsOfFile: "\(root)/docs/architecture.md", encoding: .utf8)) ?? ""
    return HouseRoom.table(of: page, rings: rings)
  }()

  private func room(_ name: String) -> [HouseSource] { Self.sources.filter { $0.room == name } }

  @Test("the sources and the table of rooms are found at all")
  func found() {
    #expect(Self.sources.count > 100 && Self.rooms.count > 15)
    #expect(
      room("Virt").contains { $0.imports.contains("CVirt") }
        && room("Document").contains { $0.imports.contains("CYaml") })
  }

  @Test("every file lies in a room of its ring, and every room has files")
  func everyRoom() {
    for source in Self.sources where Self.rings.contains(source.target) {
      #expect(
        Self.rooms.contains { $0.name == source.room && $0.ring == source.target },
        "\(source.path) lies in no room of docs/architecture.md")
    }
    for row in Self.rooms {
      #expect(room(row.name).contains { $0.target == row.ring }, "\(row.ring)/\(row.name) has no files")
    }
  }

  @Test("the files that the page names exist")
  func namedFiles() throws {
    let page = try String(contentsOfFile: "\(Self.root)/docs/architecture.md", encoding: .utf8)
    let names = page.matches(of: /`([A-Za-z+]+\.swift)`/).map { String($0.1) }
    #expect(names.count > 40)
    let files = Set(Self.sources.map { $0.path.split(separator: "/").last.map(String.init) ?? "" })
    #expect(Set(names).subtracting(files).isEmpty)
  }

  @Test("a room uses the rooms of its row and no others")
  func walls() {
    let faults = HouseWalls(sources: Self.sources, rooms: Self.rooms).faults
    #expect(faults.isEmpty, "\(faults.joined(separator: "\n"))")
  }

  @Test("a wall that is broken is seen: types, free functions, subfolders")
  func brokenWalls() {
    let rooms = HouseRoom.table(
      of: """
        ### `Inner`
        | room | what | may use |
        |---|---|---|
        | `Cellar` | wine | nothing |
        ### `Outer`
        | `Attic` | `Cellar` is only named here | `Cellar` |
        | `Tower` | a view | nothing |
        """, rings: ["Inner", "Outer"])
    #expect(rooms.map(\.name) == ["Cellar", "Attic", "Tower"] && rooms.map(\.uses) == [[], ["Cellar"], []])
    let sources = [
      HouseSource(path: "Inner/Cellar/Bottle.swift", text: "struct Bottle {}\nfunc pour(_ bottle: Bottle) {}"),
      HouseSource(path: "Outer/Attic/Trunk.swift", text: "struct Trunk { var bottle: Bottle }"),
      HouseSource(
        path: "Outer/Tower/deep/View.swift", text: "struct View { // Bottle\n func look() { pour(nothing) } }"),
      HouseSource(path: "Outer/Tower/Window.swift", text: "struct Window { var text = \"a Bottle\" }"),
    ]
    #expect(
      HouseWalls(sources: sources, rooms: rooms).faults == ["Outer/Tower/deep/View.swift uses pour of Cellar"])
    let inverted = [
      HouseSource(path: "Inner/Cellar/Bottle.swift", text: "struct Bottle { var trunk: Trunk }"),
      HouseSource(path: "Outer/Attic/Trunk.swift", text: "struct Trunk {}"),
    ]
    #expect(
      HouseWalls(sources: inverted, rooms: rooms).faults == ["Inner/Cellar/Bottle.swift uses Trunk of Attic"])
  }

  @Test(
    "only one room knows each C library",
    arguments: [
      ("CVirt", "Virt"), ("CYaml", "Document"), ("CNettle", "Formats"), ("GRDB", "Store"), ("Mustache", "Pages"),
    ])
  func libraries(_ library: String, _ owner: String) {
    for source in Self.sources where source.imports.contains(library) {
      #expect(source.room == owner, "\(source.path) imports \(library)")
    }
  }

  @Test("the ring of values knows no files, no processes and no waiting")
  func values() {
    for source in Self.sources where source.target == "KTestValues" {
      for module in ["Foundation", "Dispatch", "Synchronization", "Subprocess", "SystemPackage"] {
        #expect(!source.imports.contains(module), "\(source.path) imports \(module)")
      }
      #expect(!source.names.contains("async") && !source.names.contains("await"), "\(source.path) waits")
      // Without the C library there is nothing to open a file by.
      guard source.imports.contains("Glibc") else { continue }
      let calls = source.calls.intersection(["open", "fopen", "opendir", "stat", "posix_spawn", "socket", "getenv"])
      #expect(calls.isEmpty, "\(source.path) mentions \(calls.sorted())")
    }
  }

  @Test("programs are started and files are locked in one room", arguments: ["HostProgram", "FileLock"])
  func oneRoom(_ type: String) {
    let owner = "KTestHost/System/\(type).swift"
    let word: Substring = type == "FileLock" ? "flock" : "PlatformOptions"
    #expect(Self.sources.first { $0.path == owner }?.names.contains(word) == true)
    for source in Self.sources where source.path != owner {
      #expect(!source.names.contains(word), "\(source.path) mentions \(word)")
      if source.room != "System" {
        #expect(!source.imports.contains("Subprocess"), "\(source.path) imports Subprocess")
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

  @Test(
    "what is written down knows nothing of libvirt and guests that run", arguments: ["Report", "Journal", "Bisect"])
  func records(_ name: String) {
    for source in room(name) {
      let known = source.names.filter {
        $0.hasPrefix("Virt") || ["LibvirtHost", "LibvirtGuest", "GuestHost", "Guest"].contains($0)
      }
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
}
