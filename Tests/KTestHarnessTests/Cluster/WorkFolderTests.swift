import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Orders and answers as files")
struct WorkFolderTests {
  private let tree: TemporaryTree

  init() throws { tree = try TemporaryTree() }

  private var root: String { "\(tree.path)/work" }
  private var folder: WorkFolder { WorkFolder("\(root)/run/0/1") }

  private func order() throws -> WorkOrder {
    let files = SharedFiles(root: root)
    let (kernel, image) = (try tree.put("vmlinux", "kernel"), try tree.put("i.cpio", "image"))
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])])
    (plan.suites[0].kernel.imagePath, plan.suites[0].initramfs) = (kernel, image)
    let group = try ElsewherePlan.orders(of: plan)[0].withFiles(files.add)
    return WorkOrder(
      ktest: "1.2", run: "run", word: "w", work: .group(group),
      guests: .init(accelerator: "tcg", timeFactor: 2.5, channel: "virtio"))
  }

  @Test("an order is read as it was written, and its files are what they are called")
  func orders() throws {
    let order = try order()
    try folder.write(order)
    let read = try folder.readOrder(version: "1.2")
    #expect(read.work == order.work && read.guests == order.guests && read.run == "run")
    #expect(read.work.files == Set(read.work.files.filter { $0.hasPrefix("files/") }) && read.work.files.count == 2)
    try folder.check(read.work)
    let path = try #require(read.work.withFiles { folder.file($0) }.group).parts[0].initramfs
    #expect(try RegularFile.bytes(of: path, limit: 99) == Array("image".utf8))
  }

  @Test("an order of another version, and what is none, are refused")
  func refused() throws {
    try folder.write(try order())
    #expect(throws: WorkProblem.otherVersion(here: "1.3", there: "1.2")) { try folder.readOrder(version: "1.3") }
    #expect(
      "\(WorkProblem.otherVersion(here: "1.3", there: "1.2"))"
        == "this is ktest 1.3, and the order is of ktest 1.2; install the same version on both hosts")
    for text in ["", "{}", "[1]", "{\"ktest\": 1}", "{\"ktest\": \"1.2\"}", "{\"ktest\": \"1.2\", \"run\": []}", "\0"] {
      try tree.put("work/run/0/1/order.json", text)
      #expect(throws: WorkProblem.notAnOrder(path: folder.order)) { try folder.readOrder(version: "1.2") }
    }
    HostFiles.remove(folder.order)
    #expect(throws: FileProblem.self) { try folder.readOrder(version: "1.2") }
  }

  @Test("a file that is not what its name says is found")
  func damaged() throws {
    let order = try order()
    try folder.write(order)
    let name = try #require(order.work.group).parts[0].initramfs
    HostFiles.remove(folder.file("digests"))
    try tree.put("work/\(name)", "another image")
    #expect(throws: WorkProblem.damaged(path: folder.file(name))) { try folder.check(order.work) }
    HostFiles.remove("\(root)/\(name)")
    #expect(throws: (any Error).self) { try folder.check(order.work) }
    // A name cannot lead out of the folder of files.
    let stray = try order.work.withFiles { _ in
      try tree.put("work/stray", "x")
      return "stray"
    }
    #expect(throws: WorkProblem.damaged(path: folder.file("stray"))) { try folder.check(stray) }
  }

  @Test("a file that is sent twice is there once, and a program stays one")
  func shared() throws {
    let files = SharedFiles(root: root)
    let program = try tree.put("ktest", "#!/bin/sh\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: program)
    let name = try files.add(program)
    #expect(try files.add(program) == name && files.add(tree.put("copy", "#!/bin/sh\n")) == name)
    #expect(HostFiles.names(in: "\(root)/files") == [String(name.dropFirst("files/".count))])
    #expect(name == "files/" + SHA256.hex(of: Array("#!/bin/sh\n".utf8)))
    let mode = try FileManager.default.attributesOfItem(atPath: "\(root)/\(name)")[.posixPermissions] as? Int
    #expect(mode == 0o755)
    let other = try files.add(tree.put("data", "data"))
    #expect(try FileManager.default.attributesOfItem(atPath: "\(root)/\(other)")[.posixPermissions] as? Int == 0o644)
    #expect(throws: FileProblem.self) { try files.add("\(tree.path)/none") }
    #expect(throws: FileProblem.self) { try files.add(tree.path) }
    #expect(HostFiles.names(in: "\(root)/files").count == 2)
  }

  @Test("a file that several hosts are to get at the same time is there once, and whole")
  func together() async throws {
    let files = SharedFiles(root: root)
    let bytes = Array(repeating: UInt8(7), count: 8 << 20)
    let path = try tree.put("large", bytes)
    let names = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<8 { group.addTask { try files.add(path) } }
      return try await group.reduce(into: Set<String>()) { $0.insert($1) }
    }
    #expect(names == ["files/\(SHA256.hex(of: bytes))"])
    #expect(HostFiles.names(in: "\(root)/files").count == 1)
  }

  @Test("a worker that is started again begins anew")
  func clear() async throws {
    let order = try order()
    try folder.write(order)
    let worker = ScriptedWorker(name: "h1", host: ScriptedHost())
    let first = try await worker.perform(try #require(order.work.group), in: folder)
    #expect(folder.readStart()?.facts == worker.facts && folder.readEnd()?.isInterrupted == false)
    #expect(folder.readEnd().flatMap(folder.whole) == first && folder.journal(nil) == first)
    folder.clear()
    #expect(folder.readStart() == nil && folder.readEnd() == nil && folder.journal(nil) == nil)
    #expect(try folder.readOrder(version: "1.2").run == "run")
    let second = try await worker.perform(try #require(order.work.group), in: folder)
    #expect(folder.journal(folder.readEnd()) == second)
  }

  @Test("an answer is one to the attempt whose word it repeats, and its journal is one of its folder")
  func words() async throws {
    var group = try #require(try order().work.group)
    let worker = ScriptedWorker(name: "h1", host: ScriptedHost())
    var attempt = Attempt(order: .group(group), run: "run")
    attempt.folder = "0/1"
    try await worker.perform(group, in: folder, word: attempt.word)
    #expect(folder.readStart(to: attempt) != nil && folder.readEnd(to: attempt) != nil)
    var next = attempt
    next.word = Attempt.newWord()
    #expect(next.word != attempt.word && folder.readStart(to: next) == nil && folder.readEnd(to: next) == nil)
    let run = try #require(folder.readEnd()?.run)
    #expect(folder.journal(WorkEnd("w", run: run)) == "\(folder.path)/runs/\(run)")
    #expect(folder.journal(WorkEnd("w", run: "../../1/0/runs/\(run)")) == nil)
    // Another round of a run has other folders.
    var later = attempt
    group.round = 2
    later.order = .group(group)
    #expect(Attempt.batch(0, of: attempt) != Attempt.batch(0, of: later))
  }

  @Test("a run's folder is one run's")
  func exclusive() throws {
    try WorkRun.make("\(root)/run")
    #expect(throws: FileProblem.self) { try WorkRun.make("\(root)/run") }
  }

  @Test("only a folder of a run is looked after")
  func marks() async throws {
    let mine = try tree.put("home/mine", "mine")
    #expect(throws: WorkProblem.notARun(path: "\(tree.path)/home")) { try WorkRun("\(tree.path)/home") }
    #expect(throws: WorkProblem.notARun(path: "\(tree.path)/none")) { try WorkRun("\(tree.path)/none") }
    #expect(HostFiles.exists(mine))
    try WorkRun.make("\(root)/run")
    try folder.write(try order())
    let run = try WorkRun("\(root)/run")
    #expect(run.living == [])
    await run.remove()
    #expect(!HostFiles.exists("\(root)/run") && HostFiles.names(in: "\(root)/files").count == 2)
  }

  @Test("a worker lives as long as its process, and a number that another process has now is no worker")
  func living() throws {
    try WorkRun.make("\(root)/run")
    let run = try WorkRun("\(root)/run")
    var process = try #require(WorkProcess())
    let facts = ScriptedWorker(name: "h1", host: ScriptedHost()).facts
    try HostFiles.makeDirectory(folder.path)
    try folder.write(WorkStart("w", facts: facts, process: process))
    try tree.put("work/run/files/1/started.json", "no batch")
    try tree.put("work/run/0/x/started.json", "no attempt")
    #expect(run.living == ["0/1"])
    process.startTicks += 1
    try folder.write(WorkStart("w", facts: facts, process: process))
    #expect(run.living == [])
    // This process would be ended otherwise.
    run.stop(only: "0/1")
    run.stop()
    process.bootID = "another"
    process.startTicks -= 1
    #expect(!process.isAlive)
  }

  @Test("what a killed run has left is found by this host alone")
  func leftovers() throws {
    let directory = "\(tree.path)/elsewhere"
    let (hosts, _) = SSHHosts.read(bytes: Array("hosts: [{name: a, address: 'b:22'}]".utf8), file: "h")
    let kind = FleetKind.ssh(try #require(hosts))
    let records = FleetRecords(directory: directory, kind: kind)
    #expect(FleetRecords.leftovers(in: directory).isEmpty)
    try records.begin("r1")
    #expect(HostFiles.names(in: directory) == ["r1.json"] && FleetRecords.leftovers(in: directory).isEmpty)
    let text = String(decoding: try RegularFile.bytes(of: "\(directory)/r1.json", limit: 9999), as: UTF8.self)
    let dead = text.replacing(/"startTicks":\d+/, with: "\"startTicks\":1")
    try tree.put("elsewhere/r1.json", dead)
    try tree.put("elsewhere/r2.json", "{}")
    try tree.put("elsewhere/shared/files/x", "x")
    #expect(FleetRecords.leftovers(in: directory).map(\.run) == ["r1"])
    #expect(FleetRecords.leftovers(in: directory).map(\.kind) == [kind])
    // Another host of the same state directory: nobody here knows whether its ktest runs.
    try tree.put("elsewhere/r1.json", dead.replacing(/"host":"[^"]*"/, with: "\"host\":\"login-2\""))
    #expect(FleetRecords.leftovers(in: directory).isEmpty)
    try tree.put("elsewhere/r1.json", dead)
    FleetRecords.forget("r1", in: directory)
    #expect(HostFiles.names(in: directory) == ["r2.json", "shared"])
  }
}
