import Foundation
import Testing

/// The rooms of `Sources/KTestHarness`, and the table in `docs/architecture.md` that says who may use what.
@Suite struct RoomTests {
  private struct Room {
    var name: String
    /// All of its code, without comments and texts.
    var code: String

    /// Types at the top level of its files.
    var types: Set<String> {
      let declaration =
        #/(?m)^(?:public |package )?(?:final |indirect )?(?:struct|enum|class|actor|protocol|typealias) (\w+)/#
      return Set(code.matches(of: declaration).map { String($0.1) })
    }

    /// Types that it declares at any depth.
    var allTypes: Set<String> {
      Set(code.matches(of: #/(?:struct|enum|class|actor|protocol|typealias) (\w+)/#).map { String($0.1) })
    }

    var words: Set<Substring> { Set(code.matches(of: #/[A-Za-z_]\w*/#).map(\.0)) }

    var imports: Set<String> {
      Set(code.matches(of: #/(?m)^(?:public |package |internal )?import (\w+)/#).map { String($0.1) })
    }
  }

  private static let folder = "\(Document.root)/Sources/KTestHarness"

  private static func rooms() throws -> [Room] {
    try FileManager.default.contentsOfDirectory(atPath: folder).sorted().map { name in
      let files = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(name)").filter {
        $0.hasSuffix(".swift")
      }
      let code = try files.map { try String(contentsOfFile: "\(folder)/\(name)/\($0)", encoding: .utf8) }
      let bare = code.joined(separator: "\n").replacing(#///.*/#, with: "")
      return Room(name: name, code: bare.replacing(#/"(?:\\.|[^"\\\n])*"/#, with: "\"\""))
    }
  }

  /// Room → the words of its cell "may use".
  private static func table() throws -> [String: Set<String>] {
    let page = try #require(Document.all.first { $0.path == "docs/architecture.md" }).text
    let section = try #require(page.components(separatedBy: "\n## ").first { $0.hasPrefix("Rooms\n") })
    var table: [String: Set<String>] = [:]
    for line in section.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 4 else { continue }
      table[cells[0].trimmingCharacters(in: ["`"])] = Set(cells[2].matches(of: #/\w+/#).map { String($0.0) })
    }
    return table
  }

  @Test func theTableNamesEveryRoom() throws {
    let rooms = try Self.rooms().map(\.name)
    #expect(rooms.count > 8)
    let table = try Self.table()
    for room in rooms { #expect(table[room] != nil, "docs/architecture.md says nothing about \(room)") }
  }

  @Test func noRoomUsesWhatItsRowDoesNotSay() throws {
    let rooms = try Self.rooms()
    let table = try Self.table()
    for room in rooms {
      let allowed = try #require(table[room.name])
      let words = room.words
      let own = room.allTypes
      for other in rooms where other.name != room.name && !allowed.contains(other.name) {
        let used = other.types.filter { words.contains(Substring($0)) && !own.contains($0) }
        #expect(used == [], "\(room.name) uses \(other.name)")
      }
      let house: Set = ["CVirt", "CYaml", "CLinux", "GuestProtocol"]
      #expect(room.imports.intersection(house).subtracting(allowed) == [], "\(room.name)")
    }
  }

  @Test func valuesStayValues() throws {
    for room in try Self.rooms()
    where ["Digest", "Formats", "YAML", "Suite", "Kernel", "Kconfig", "Console"].contains(room.name) {
      #expect(!room.imports.contains("Foundation") && !room.imports.contains("Subprocess"), "\(room.name)")
      #expect(!room.words.contains("async"), "\(room.name)")
    }
  }
}
