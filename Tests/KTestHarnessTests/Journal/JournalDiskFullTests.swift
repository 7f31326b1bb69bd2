import FoundationEssentials
import Glibc
import Synchronization
import Testing

@testable import KTestHarness
@testable import KTestValues

/// A disk with room for some bytes, and for more once the reserve has been given back.
private final class SmallDisk: Sendable {
  private let state: Mutex<(room: Int, reserved: String?)>
  /// Whether it takes the part of a write that fits, or nothing of it.
  private let takesParts: Bool

  init(room: Int, takesParts: Bool = true) {
    state = Mutex((room, nil))
    self.takesParts = takesParts
  }

  /// From now on there is so much room, and what `reserve` holds once it is gone.
  func shrink(to room: Int, reserve: String) { state.withLock { $0 = (room, reserve) } }

  var write: DiskWrite {
    DiskWrite { [self] descriptor, bytes in
      let room = state.withLock { state in
        if let reserve = state.reserved, access(reserve, F_OK) != 0 {
          state = (state.room + RunRecord.reserve, nil)
        }
        let room = takesParts || bytes.count <= state.room ? min(state.room, bytes.count) : 0
        state.room -= room
        return room
      }
      if room == 0 { return (-1, ENOSPC) }
      return DiskWrite.system.call(descriptor, UnsafeRawBufferPointer(rebasing: bytes[..<room]))
    }
  }
}

@Suite struct JournalDiskFullTests {
  /// Wherever the disk ends, every line is whole, every finished case is there and there is one error.
  @Test(arguments: Array(stride(from: 0, to: 2000, by: 37)))
  func theDiskEndsAtAnyByte(room: Int) async throws {
    try await JournalSample.withScratch { state in
      let disk = SmallDisk(room: .max)
      let journal = try JournalSample.journal(in: state, disk: disk.write)
      disk.shrink(to: room, reserve: journal.directory + "/reserve")
      var errors: [any Error] = []
      for event in JournalSample.lines {
        do { try await journal.record(event) } catch { errors.append(error) }
      }
      let contents = try readJournal(at: journal.directory)
      #expect(!contents.truncated && contents.state == .finished)
      #expect(contents.events.compactMap(\.event) == JournalSample.lines)
      #expect(contents.summary == (await journal.summary))
      #expect(errors.count <= 1)
      #expect(errors.allSatisfy { $0 as? JournalError == .diskFull(path: journal.directory) })
      if room < 1000 { #expect(errors.count == 1) }
    }
  }

  @Test func aFloodingConsoleFillsTheDisk() async throws {
    try await JournalSample.withScratch { state in
      let disk = SmallDisk(room: .max)
      let journal = try JournalSample.journal(in: state, disk: disk.write)
      disk.shrink(to: 5000, reserve: journal.directory + "/reserve")
      for event in JournalSample.lines.prefix(8) { try await journal.record(event) }
      let flood = JournalSample.console(String(repeating: "flood\n", count: 2000))
      await #expect(throws: JournalError.diskFull(path: journal.directory)) { try await journal.record(flood) }
      for _ in 0..<100 { try await journal.record(flood) }
      try await journal.record(.runFinished(verdict: .error, interrupted: true, seconds: 1))
      let contents = try readJournal(at: journal.directory)
      #expect(contents.state == .finished && contents.summary.interrupted)
      #expect(contents.summary.suites[0].cases == [JournalSample.skipped, JournalSample.passed])
    }
  }

  @Test(arguments: [true, false]) func evenTheReserveIsUsedUp(takesParts: Bool) async throws {
    try await JournalSample.withScratch { state in
      let disk = SmallDisk(room: .max, takesParts: takesParts)
      let journal = try JournalSample.journal(in: state, disk: disk.write)
      disk.shrink(to: 300, reserve: journal.directory + "/reserve")
      let long = RunEvent.notice(String(repeating: "x", count: 1000))
      var errors = 0
      for _ in 0..<100 {
        do { try await journal.record(long) } catch { errors += 1 }
      }
      // Shorter lines would still fit, but must not follow a gap.
      try await journal.record(.notice("short"))
      let events = try readJournal(at: journal.directory).events.compactMap(\.event)
      #expect(errors == 1 && events.count > 50 && events.count < 100 && events.allSatisfy { $0 == long })
    }
  }

  @Test func noRoomToBeginLeavesNothingBehind() async throws {
    try await JournalSample.withScratch { state in
      let error = #expect(throws: JournalError.self) {
        try JournalSample.journal(in: state, disk: SmallDisk(room: 100).write)
      }
      guard case .diskFull? = error else {
        Issue.record("\(String(describing: error)) is not about a full disk")
        return
      }
      let left = try FileManager.default.contentsOfDirectory(atPath: state + "/runs")
      #expect(left.isEmpty)
    }
  }

  /// The same on a real file system of 256 KiB, where this process may mount one.
  @Test(.enabled(if: TinyFileSystem.isPossible, "mounting a tmpfs needs root"))
  func aRealFileSystemIsFull() async throws {
    try await JournalSample.withScratch { state in
      try #require(mount("tmpfs", state, "tmpfs", 0, "size=256k") == 0)
      defer { umount2(state, Int32(MNT_DETACH)) }
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines.prefix(8) { try await journal.record(event) }
      let flood = JournalSample.console(String(repeating: "flood\n", count: 1000))
      var errors: [any Error] = []
      for _ in 0..<100 {
        do { try await journal.record(flood) } catch { errors.append(error) }
      }
      #expect(errors.map { $0 as? JournalError } == [.diskFull(path: journal.directory)])
      try await journal.record(.runFinished(verdict: .error, interrupted: true, seconds: 1))
      let contents = try readJournal(at: journal.directory)
      #expect(contents.state == .finished && !contents.truncated)
      #expect(contents.summary.suites[0].cases == [JournalSample.skipped, JournalSample.passed])
    }
  }
}

private enum TinyFileSystem {
  static let isPossible: Bool = {
    guard getuid() == 0 else { return false }
    let path = FileManager.default.temporaryDirectory.path + "/ktest-mount-\(UUID().uuidString)"
    guard mkdir(path, 0o755) == 0 else { return false }
    defer { rmdir(path) }
    guard mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0 else { return false }
    return umount2(path, Int32(MNT_DETACH)) == 0
  }()
}
