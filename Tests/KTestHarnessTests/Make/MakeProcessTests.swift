import Foundation
import Testing

@testable import KTestHarness

@Suite struct MakeProcessTests {
  private func wait(until condition: () -> Bool) async throws {
    for _ in 0..<500 where !condition() { try await Task.sleep(for: .milliseconds(20)) }
    #expect(condition())
  }

  @Test("make and what it has started end when ktest is gone", .timeLimit(.minutes(1)))
  func lifeline() async throws {
    let tree = try TemporaryTree()
    let pidFile = "\(tree.path)/pid"
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/setsid")
    process.arguments = [
      "--wait", "/bin/sh", "-c", MakeProcess.script, "/bin/sh", "-c", "sleep 300 & echo $! > \(pidFile); wait",
    ]
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    try await wait { (KernelFiles.size(of: pidFile) ?? 0) > 0 }
    let pid = try #require(Int32(String(decoding: try KernelFiles.read(pidFile).prefix { $0 > 32 }, as: UTF8.self)))
    #expect(JournalLock.of(pid) != nil)
    // As the system does for a process that is killed.
    try pipe.fileHandleForWriting.close()
    try await wait { JournalLock.of(pid) == nil }
    process.waitUntilExit()
  }

  @Test("the exit status is make's own", arguments: [0, 2, 77])
  func status(code: Int) async throws {
    let process = Process()
    process.executableURL = URL(filePath: "/bin/sh")
    process.arguments = ["-c", MakeProcess.script, "/bin/sh", "-c", "exit \(code)"]
    let pipe = Pipe()
    process.standardInput = pipe
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == Int32(code))
    try pipe.fileHandleForWriting.close()
  }
}
