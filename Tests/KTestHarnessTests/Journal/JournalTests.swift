import FoundationEssentials
import Glibc
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct JournalTests {
  @Test func aRunIsWrittenAndReadBack() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      #expect(journal.id == "2026-11-21T101502-4000")
      for event in JournalSample.lines.dropLast(3) { try await journal.record(event) }
      try await journal.record(JournalSample.console("[    1.0] hello\n"))
      try await journal.record(JournalSample.console("[    2.0] panic\n"))
      try await journal.record(JournalSample.output("hwpoison", "ok 1\n"))
      try await journal.record(JournalSample.output("hwpoison", "Bus error\n", .stderr))
      try await journal.record(JournalSample.artefact("trace.dat", [1, 2]))
      try await journal.record(JournalSample.artefact("trace.dat", [3]))
      #expect(try readJournal(at: journal.directory).state == .running)
      for event in JournalSample.lines.suffix(3) { try await journal.record(event) }

      let contents = try readJournal(at: journal.directory)
      #expect(contents.state == .finished && !contents.truncated && contents.id == journal.id)
      #expect(contents.events.compactMap(\.event) == JournalSample.lines)
      #expect(contents.summary == (await journal.summary))
      #expect(contents.manifest == (await journal.manifest))
      #expect(contents.replay.consoleTails[1]?.bytes == Array("[    1.0] hello\n[    2.0] panic\n".utf8))
      let key = CaseKey(suite: "demo", kernel: "6.12", name: "hwpoison")
      #expect(contents.replay.tails[key]?.stderr.bytes == Array("Bus error\n".utf8))

      let directory = journal.directory
      #expect(JournalSample.text(of: directory + "/suites/1-demo.yaml") == "suite: demo\n")
      #expect(JournalSample.text(of: directory + "/output/6.12/demo/hwpoison.out") == "ok 1\n")
      #expect(JournalSample.text(of: directory + "/artefacts/6.12/demo/map/trace.dat") == "\u{1}\u{2}\u{3}")
      #expect(JournalSample.text(of: directory + "/summary.json") == jsonReport(contents.summary))
      let names = try FileManager.default.contentsOfDirectory(atPath: directory).sorted()
      #expect(
        names == [
          "artefacts", "consoles", "events.jsonl", "manifest.json", "output", "suites", "summary.json",
        ])
      await #expect(throws: JournalError.self) { try await journal.record(JournalSample.console("too late")) }
      #expect(try await journal.record(.notice("too late as well")).isEmpty)
      #expect(try readJournal(at: directory).events.compactMap(\.event) == JournalSample.lines)
    }
  }

  @Test func theManifestComesBack() async throws {
    try await JournalSample.withScratch { state in
      var given = JournalSample.manifest
      (given.accelerator.used, given.qemu) = ("tcg", "7.2.22")
      let journal = try JournalSample.journal(in: state, manifest: given)
      let manifest = try #require(try readJournal(at: journal.directory).manifest)
      #expect(manifest.accelerator.used == "tcg" && manifest.qemu == "7.2.22")
      #expect(manifest.started == "2026-11-21T10:15:02.250Z" && manifest.suites[0].file == "suites/1-demo.yaml")
      #expect(manifest.seeds == ["order": .max])
    }
  }

  @Test func runsOfTheSameMomentHaveDifferentNamesAndAreListed() async throws {
    try await JournalSample.withScratch { state in
      #expect(try listRuns(in: state).isEmpty)
      #expect(throws: JournalError.noRuns(path: state + "/runs")) { try latestRun(in: state) }
      let journals = try (0..<3).map { _ in try JournalSample.journal(in: state) }
      try FileManager.default.createDirectory(atPath: state + "/runs/lost+found", withIntermediateDirectories: true)
      #expect(try listRuns(in: state) == journals.map(\.id))
      #expect(try latestRun(in: state) == journals[2].directory)
      #expect(try findRun("latest", in: state) == journals[2].directory)
      #expect(try findRun(journals[1].id, in: state) == journals[1].directory)
      #expect(try findRun("./copied", in: state) == "./copied")
      #expect(throws: JournalError.ambiguous(name: "2026-11", runs: journals.map(\.id))) {
        try findRun("2026-11", in: state)
      }
      #expect(throws: JournalError.noSuchRun(name: "1999", path: state + "/runs")) { try findRun("1999", in: state) }
    }
  }

  @Test func closedWithoutAnEndIsInterrupted() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines.prefix(7) { try await journal.record(event) }
      await journal.close()
      let contents = try readJournal(at: journal.directory)
      #expect(contents.state == .interrupted && contents.summary.interrupted)
      #expect(contents.summary == (await journal.summary))
    }
  }

  @Test func aLockOfAnotherProcessOrBootIsNotHeld() async throws {
    let mine = try #require(JournalLock.current())
    #expect(mine.isHeld)
    #expect(!JournalLock(pid: mine.pid, bootID: "another", startTime: mine.startTime).isHeld)
    #expect(!JournalLock(pid: mine.pid, bootID: mine.bootID, startTime: mine.startTime + 1).isHeld)
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      try await journal.record(.runStarted(cases: 1, boots: 1))
      #expect(try readJournal(at: journal.directory).state == .running)
      // What a run that was killed leaves: a lock of a process that is no more.
      let dead = JournalLock(pid: mine.pid, bootID: mine.bootID, startTime: mine.startTime + 1)
      try Data(dead.bytes).write(to: URL(filePath: journal.directory + "/lock"))
      #expect(try readJournal(at: journal.directory).state == .interrupted)
      try Data("rubbish".utf8).write(to: URL(filePath: journal.directory + "/lock"))
      #expect(try readJournal(at: journal.directory).state == .interrupted)
    }
  }

  @Test func hostileNamesStayInside() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for name in SafeNameTests.hostile {
        try await journal.record(JournalSample.artefact(name, [1]))
        try await journal.record(
          .output(boot: 1, suite: name, kernel: name, name: name, stream: .stdout, bytes: [1]))
        try await journal.record(
          .artefact(boot: 1, suite: name, kernel: name, name: name, file: name, bytes: [1]))
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: state) == ["runs"])
      #expect(try FileManager.default.contentsOfDirectory(atPath: state + "/runs") == [journal.id])
      let files = try FileManager.default.contentsOfDirectory(atPath: journal.directory + "/artefacts/6.12/demo/map")
      #expect(files.count == SafeNameTests.hostile.count)
    }
  }

  @Test func whatAGuestSaysIsBounded() async throws {
    var limits = JournalLimits()
    limits.console = 10
    limits.artefact = 10
    limits.artefacts = 15
    limits.artefactCount = 3
    try await JournalSample.withScratch { [limits] state in
      let journal = try JournalSample.journal(in: state, limits: limits)
      #expect(try await journal.record(JournalSample.console("12345678")).isEmpty)
      let notices = try await journal.record(JournalSample.console("90abcd"))
      #expect(
        notices == [.notice("the console of boot 1 exceeds the limit of the journal; the rest was dropped")])
      #expect(try await journal.record(JournalSample.console("more")).isEmpty)
      #expect(JournalSample.text(of: journal.directory + "/consoles/boot-1.log") == "1234567890")

      let folder = journal.directory + "/artefacts/6.12/demo/map/"
      let nine = [UInt8](repeating: 0x61, count: 9)
      #expect(try await journal.record(JournalSample.artefact("a", nine)).isEmpty)
      #expect(
        try await journal.record(JournalSample.artefact("b", nine))
          == [.notice("the run's artefacts together exceed the limit of the journal; the rest was dropped")])
      #expect(try await journal.record(JournalSample.artefact("c", nine)).isEmpty)
      #expect(
        try await journal.record(JournalSample.artefact("d", nine))
          == [.notice("the run has more than 3 artefacts; the rest was dropped")])
      #expect(try await journal.record(JournalSample.artefact("e", nine)).isEmpty)
      #expect(JournalSample.text(of: folder + "a")?.count == 9)
      #expect(JournalSample.text(of: folder + "b")?.count == 6)
      #expect(JournalSample.text(of: folder + "d") == nil)
      #expect(try readJournal(at: journal.directory).replay.notices.count == 3)
    }
  }

  @Test func anUnwritableStateDirectoryIsOneClearError() async throws {
    try await JournalSample.withScratch { state in
      let file = state + "/file"
      try Data().write(to: URL(filePath: file))
      let error = #expect(throws: JournalError.self) { try JournalSample.journal(in: file) }
      #expect(
        error?.description
          == "cannot create \(file)/runs: Not a directory; choose a state directory that you may write to")
      if getuid() != 0 {
        chmod(state, 0o555)
        #expect(throws: JournalError.cannotCreate(path: state + "/new/runs", reason: "Permission denied")) {
          try JournalSample.journal(in: state + "/new")
        }
        chmod(state, 0o755)
      }
    }
  }

  @Test func whatIsNoRunIsSaidToBeNone() async throws {
    try await JournalSample.withScratch { state in
      #expect(throws: JournalError.notARun(path: state)) { try readJournal(at: state) }
      #expect(throws: JournalError.notARun(path: state + "/absent")) { try readJournal(at: state + "/absent") }
      let manifest = state + "/manifest.json"
      try Data(#"{"schema": 99}"#.utf8).write(to: URL(filePath: manifest))
      #expect(throws: JournalError.newerSchema(path: manifest, version: 99)) { try readJournal(at: state) }
      try Data("not json".utf8).write(to: URL(filePath: manifest))
      #expect(throws: JournalError.cannotRead(path: manifest, reason: "not the manifest of a run")) {
        try readJournal(at: state)
      }
      try FileManager.default.removeItem(atPath: manifest)
      // A FIFO in a directory that came by mail must not hang the reader.
      mkfifo(state + "/events.jsonl", 0o644)
      #expect(throws: JournalError.self) { try readJournal(at: state) }
    }
  }
}
