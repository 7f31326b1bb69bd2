/// A row of the tables of rooms in docs/architecture.md.
struct HouseRoom {
  var name: String
  var ring: String
  var uses: [String]

  /// Below a heading with the ring's name: `| room | what | may use |`, names of rooms in backticks.
  static func table(of page: String, rings: [String]) -> [HouseRoom] {
    var ring: String?
    var rooms: [HouseRoom] = []
    for line in page.split(separator: "\n") {
      if line.hasPrefix("#") { ring = rings.first { line.contains("`\($0)`") } }
      guard let ring, line.hasPrefix("| `") else { continue }
      let cells = line.split(separator: "|").map { $0.trimmingPrefix { $0 == " " } }
      guard cells.count >= 3, let name = quoted(cells[0]).first else { continue }
      rooms.append(HouseRoom(name: name, ring: ring, uses: quoted(cells[2])))
    }
    return rooms
  }

  private static func quoted(_ text: Substring) -> [String] {
    text.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
      .map { String($0.element) }
  }
}

/// Holds every source against the row of its room.
struct HouseWalls {
  var sources: [HouseSource]
  var rooms: [HouseRoom]

  /// One line for each file and foreign room, the first name by which it is used.
  var faults: [String] {
    var types: [Substring: Set<String>] = [:]
    var functions: [Substring: Set<String>] = [:]
    var own: [String: Set<Substring>] = [:]
    let inside = sources.filter { source in rooms.contains { $0.name == source.room && $0.ring == source.target } }
    for source in inside {
      let declared = source.declarations
      for name in declared.types { types[name, default: []].insert(source.room) }
      for name in declared.functions { functions[name, default: []].insert(source.room) }
      own[source.room, default: []].formUnion(declared.types.union(declared.functions).union(declared.members))
    }
    var faults: [String] = []
    for source in inside {
      guard let row = rooms.first(where: { $0.name == source.room && $0.ring == source.target }) else { continue }
      var told: Set<String> = []
      func hold(_ names: Set<Substring>, against homes: [Substring: Set<String>]) {
        for name in names.sorted() {
          // A name that the room has too is its own.
          guard let owners = homes[name], own[source.room]?.contains(name) != true else { continue }
          guard owners.isDisjoint(with: row.uses), let owner = owners.sorted().first else { continue }
          if told.insert(owner).inserted { faults.append("\(source.path) uses \(name) of \(owner)") }
        }
      }
      hold(source.names, against: types)
      hold(source.calls, against: functions)
    }
    return faults
  }
}
