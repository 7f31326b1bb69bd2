import Foundation
import Testing

@testable import KTestGuests
@testable import KTestHost
@testable import KTestValues

@Suite("Memory for guests that are forked")
struct ForkMemoryTests {
  private struct NotStarted: Error {}

  private static func names(_ path: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  private static func description(nodes: Int = 0) -> GuestDescription {
    var description = GuestSample.description(name: "ktest-7-2026-11-29T100000-abcd")
    description.memory = 64 << 20
    description.numa = (0..<nodes).map { _ in GuestDescription.NUMANode(memory: 32 << 20, cpus: []) }
    return description
  }

  @Test("a guest finds its memory wherever libvirt may look for it, and nothing stays", arguments: [0, 2])
  func places(_ nodes: Int) throws {
    let scratch = try Scratch()
    let memory = try ForkMemory(root: EmbeddedRoot.take(under: scratch.path + "/cache").0)
    memory.note(40)
    var template = Self.description(nodes: nodes)
    template.origin = .template
    #expect(throws: GuestError.self) {
      try memory.start(template) {
        let names = Self.names(memory.directory)
        #expect(names.count == ForkMemory.reach + 1 && names.contains("41-ktest-7-2026-11-29T1"))
        let files = nodes == 0 ? ["pc.ram"] : ["ram-node0", "ram-node1"]
        for name in names { #expect(Self.names("\(memory.directory)/\(name)") == files) }
        throw NotStarted()
      }
    }
    #expect(Self.names(memory.directory).isEmpty)
  }

  @Test("a clone gets the template's own files, which go with the template")
  func clones() throws {
    let scratch = try Scratch()
    let memory = try ForkMemory(root: EmbeddedRoot.take(under: scratch.path + "/cache").0)
    let place = "\(memory.directory)/template-1"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    try "memory".write(toFile: place + "/pc.ram", atomically: false, encoding: .utf8)
    var template: GuestTemplate? = GuestTemplate(Self.description(), directory: place)
    let clone = GuestDescription.clone(of: try #require(template), name: "ktest-8-x")
    #expect(throws: GuestError.self) {
      try memory.start(clone) {
        let found = try String(contentsOfFile: "\(memory.directory)/1-ktest-8-x/pc.ram", encoding: .utf8)
        #expect(found == "memory")
        throw NotStarted()
      }
    }
    #expect(Self.names(memory.directory) == ["template-1"])
    // A template that was removed by somebody is trouble with forks.
    try FileManager.default.removeItem(atPath: place)
    #expect(throws: GuestError.self) { try memory.start(clone) { throw NotStarted() } }
    template = nil
    #expect(Self.names(memory.directory).isEmpty)
  }

  @Test("a guest that may not fit is refused with both sizes")
  func noRoom() throws {
    let scratch = try Scratch()
    let memory = try ForkMemory(root: EmbeddedRoot.take(under: scratch.path + "/cache").0)
    var template = Self.description()
    (template.origin, template.memory) = (.template, 1 << 50)
    let error = #expect(throws: GuestError.self) { try memory.start(template) { throw NotStarted() } }
    #expect("\(try #require(error))".contains("it may need 1073741824 MiB"))
  }

  @Test("what a killed process left in memory goes with the next start, and a directory of nobody's stays")
  func abandoned() throws {
    let scratch = try Scratch()
    let base = scratch.path + "/cache"
    var root: EmbeddedRoot? = try EmbeddedRoot.take(under: base).0
    let left = ForkMemory.directory(for: try #require(root?.path))
    root = nil
    try FileManager.default.createDirectory(atPath: left + "/template-1", withIntermediateDirectories: true)
    let next = try EmbeddedRoot.take(under: base).0
    #expect(ForkMemory.directory(for: next.path) == left && Self.names(left).isEmpty)
  }

  @Test(
    "QEMU's answers",
    arguments: [
      (#"{"return":{"status":"completed","total-time":2},"id":"libvirt-17"}"#, MigrationStatus.completed),
      (#"{"return":{"status":"active"},"id":"libvirt-17"}"#, .running), (#"{"return":{},"id":"x"}"#, .running),
      (#"{"return":{"status":"failed","error-desc":"short file"}}"#, .failed("short file")),
    ])
  func answers(_ text: String, _ status: MigrationStatus) { #expect(MigrationStatus(text) == status) }

  @Test("an answer that is none is a failure")
  func noAnswer() {
    guard case .failed = MigrationStatus("rubbish") else { return #expect(Bool(false), "it was believed") }
  }
}
