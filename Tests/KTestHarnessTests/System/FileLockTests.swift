import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct FileLockTests {
  @Test func oneHolderAtATime() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/lock"
    var first = try FileLock(ifFree: path)
    #expect(first?.isLinked == true)
    #expect(try FileLock(ifFree: path) == nil)
    first = nil
    #expect(try FileLock(ifFree: path) != nil)
  }

  @Test func waitsUntilTheOtherLetsGoAndSaysSoOnce() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/lock"
    let box = LockBox(try FileLock(ifFree: path))
    var waits = 0
    let second = try await FileLock(path) {
      waits += 1
      box.lock = nil
    }
    #expect(waits == 1 && second.path == path)
    #expect(try FileLock(ifFree: path) == nil)
  }

  @Test func aWaitCanBeCancelled() async throws {
    let scratch = try Scratch()
    let path = scratch.path + "/lock"
    let held = try FileLock(ifFree: path)
    let waiting = Task { _ = try await FileLock(path) }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    withExtendedLifetime(held) {}
  }

  @Test func aRemovedFileLocksNothing() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/lock"
    let lock = try #require(try FileLock(ifFree: path))
    unlink(path)
    #expect(!lock.isLinked)
    #expect(throws: FileProblem.failed(path: "\(path)/below", errno: ENOENT)) { try FileLock(ifFree: "\(path)/below") }
  }
}

private final class LockBox {
  var lock: FileLock?
  init(_ lock: FileLock?) { self.lock = lock }
}
