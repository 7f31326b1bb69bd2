import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

struct SearchRecordTests {
  private typealias Record = SearchRecord<[String: String], Int>

  @Test func goesOnWhereItWas() throws {
    let tree = try TemporaryTree()
    let directory: String
    do {
      let record = try Record(creatingIn: tree.path, header: ["suite": "mm"], files: ["suite.yaml": Array("x".utf8)])
      directory = record.directory
      for step in 1...3 { try record.append(step) }
    }
    let file = directory + "/steps.jsonl"
    // A kill in the middle of a line.
    let whole = try Data(contentsOf: URL(filePath: file))
    try (whole + Data("4".utf8)).write(to: URL(filePath: file))
    #expect(try Record.contents(of: directory).steps == [1, 2, 3])
    let again = try Record(reopening: directory)
    #expect(again.header == ["suite": "mm"] && again.steps == [1, 2, 3])
    try again.append(5)
    #expect(try Record.contents(of: directory).steps == [1, 2, 3, 5])
    #expect(try findSearch("latest", in: tree.path) == directory)
    #expect(
      try findSearch(String(directory.split(separator: "/").last ?? "").prefix(17).description, in: tree.path)
        == directory)
  }

  @Test func anotherProcessIsAtIt() throws {
    let tree = try TemporaryTree()
    let record = try Record(creatingIn: tree.path, header: [:])
    let other = try #require(JournalLock.of(getppid()))
    try Data(other.bytes).write(to: URL(filePath: record.directory + "/lock"))
    #expect(throws: JournalError.cannotWrite(path: record.directory, reason: "process \(other.pid) is working on it")) {
      try Record(reopening: record.directory)
    }
    #expect(try Record.contents(of: record.directory).isAlive)
  }

  @Test func damageIsFound() throws {
    let tree = try TemporaryTree()
    let record = try Record(creatingIn: tree.path, header: [:])
    try record.append(1)
    try Data("1\nx\n2\n".utf8).write(to: URL(filePath: record.directory + "/steps.jsonl"))
    #expect(throws: JournalError.damaged(path: record.directory + "/steps.jsonl", line: 2)) {
      try Record.contents(of: record.directory)
    }
    try Data("1\n\n2\nx\n".utf8).write(to: URL(filePath: record.directory + "/steps.jsonl"))
    #expect(throws: JournalError.damaged(path: record.directory + "/steps.jsonl", line: 2)) {
      try Record.contents(of: record.directory)
    }
    #expect(throws: JournalError.noRuns(path: tree.path + "/other/bisects")) {
      try findSearch("latest", in: tree.path + "/other")
    }
    #expect(throws: JournalError.self) { try Record.contents(of: tree.path) }
  }

  @Test func aLineThatWasCutAnywhereIsDropped() throws {
    let tree = try TemporaryTree()
    let record = try SearchRecord<[String: String], SearchStep>(creatingIn: tree.path, header: [:])
    let steps: [SearchStep] = [
      .built(commit: "a", identity: "k", cost: nil),
      .evidence(Evidence(.commit("a"), .clean, note: "caf\u{e9} \n\u{0}"), purpose: .search, journal: nil),
    ]
    for step in steps { try record.append(step) }
    let file = URL(filePath: record.directory + "/steps.jsonl")
    let whole = try Data(contentsOf: file)
    let first = try #require(whole.firstIndex(of: ASCII.newline)) + 1
    for end in stride(from: first, to: whole.count, by: 7) {
      try whole[..<end].write(to: file)
      let again = try SearchRecord<[String: String], SearchStep>(reopening: record.directory)
      #expect(again.steps == Array(steps[..<1]))
      try again.append(steps[1])
      #expect(try Data(contentsOf: file) == whole)
    }
  }
}
