import Foundation
import Subprocess
import SystemPackage
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHost
@testable import KTestValues

@Suite("Templates that outlive their run")
struct TemplateStoreTests {
  private let scratch: Scratch
  private let store: TemplateStore
  private static let origin = TemplateOrigin(run: "2026-11-29T100000-abcd", boot: 3, seconds: 2.5)

  init() throws {
    scratch = try Scratch()
    store = TemplateStore(directory: scratch.path + "/store")
  }

  private func put(_ key: String, stopped: Date = Date(), memory: Int = 1 << 20, available: UInt64 = 1 << 40) throws {
    let place = "\(scratch.path)/from-\(key)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    // Half of it is a hole.
    try Data(repeating: 7, count: memory / 2).write(to: URL(filePath: place + "/pc.ram"))
    truncate(place + "/pc.ram", memory)
    try Data("devices of \(key)".utf8).write(to: URL(filePath: place + "/state"))
    store.put(key, from: place, files: ["pc.ram"], origin: Self.origin, stopped: stopped, available: available)
  }

  private func take(_ key: String, files: [String] = ["pc.ram"]) throws -> TemplateStore.Finding {
    let place = "\(scratch.path)/to-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
    let finding = store.take(key, into: place, files: files, user: nil)
    guard case .found = finding else { return finding }
    #expect(
      try Data(contentsOf: URL(filePath: place + "/pc.ram"))
        == Data(contentsOf: URL(filePath: "\(scratch.path)/from-\(key)/pc.ram")))
    var status = stat()
    #expect(stat(place + "/pc.ram", &status) == 0 && status.st_blocks * 512 <= 600 << 10, "a hole was filled")
    #expect(try String(contentsOfFile: place + "/state", encoding: .utf8) == "devices of \(key)")
    return finding
  }

  private func names() -> [String] { HostFiles.names(in: store.directory) }

  @Test("what is kept is found again, as a copy, as long as it is young")
  func found() throws {
    #expect(try take("a") == .none)
    try put("a", stopped: Date() - 60)
    guard case .found(Self.origin, let age) = try take("a") else { return #expect(Bool(false), "it was not found") }
    #expect(age >= 60 && age < TemplateStore.age)
    #expect(try take("b") == .none)
    var status = stat()
    #expect(stat(store.directory, &status) == 0 && status.st_mode & 0o777 == 0o700)
    try put("old", stopped: Date() - TemplateStore.age - 1)
    #expect(try take("old") == .none && names() == ["a"])
    // A clock that was set back says nothing about its age.
    try put("new", stopped: Date() + 100)
    #expect(try take("new") == .none && names() == ["a"])
  }

  @Test(
    "what was cut short or changed is given up, with the reason",
    arguments: ["pc.ram", "state", "template.json", "other"])
  func damaged(_ file: String) throws {
    try put("a")
    if file == "other" {
      #expect(try take("a", files: ["ram-node0"]) == .damaged("it has other files"))
    } else {
      #expect(truncate("\(store.directory)/a/\(file)", 10) == 0)
      guard case .damaged(let what) = try take("a") else { return #expect(Bool(false), "it was believed") }
      let told = file == "template.json" ? "record" : file == "state" ? "devices' state" : file
      #expect(what.contains(told), "\(what)")
    }
    #expect(names().isEmpty)
    #expect(try take("a") == .none)
  }

  @Test("the least recently used go when the budget is full, and what is larger than the budget is not kept")
  func budget() throws {
    for key in ["a", "b", "c"] {
      try put(key)
      // In the order of their use: a is the oldest, unless it is used.
      var times = [
        timespec(tv_sec: 1000 + Int(key.utf8.first ?? 0), tv_nsec: 0),
        timespec(tv_sec: 1000 + Int(key.utf8.first ?? 0), tv_nsec: 0),
      ]
      utimensat(AT_FDCWD, "\(store.directory)/\(key)", &times, 0)
    }
    _ = try take("a")
    store.trim(to: 1_200_000)
    #expect(names() == ["a", "c"])
    #expect(store.content.count == 2 && store.content.bytes > 1 << 20)
    try put("large", available: 1 << 20)
    #expect(names() == ["a", "c"])
    try put("d", available: 8 * 600_000)
    #expect(names() == ["d"])
  }

  @Test("what a killed process left half done goes, that of a living one stays", .gated())
  func drafts() async throws {
    try put("a")
    let gone = try await run(.path("/bin/true"), output: .discarded).processIdentifier.value
    for name in [".\(gone)-1", ".\(getpid())-77", "rubbish"] {
      try FileManager.default.createDirectory(atPath: "\(store.directory)/\(name)", withIntermediateDirectories: true)
    }
    store.trim(to: .max)
    #expect(names() == [".\(getpid())-77", "a"])
  }

  @Test("a directory that is somebody else's, or that others may enter, is not used")
  func foreign() throws {
    try put("a")
    chmod(store.directory, 0o755)
    #expect(try take("a") == .none)
    try put("b")
    store.trim(to: 0)
    #expect(names() == ["a"])
  }
}
