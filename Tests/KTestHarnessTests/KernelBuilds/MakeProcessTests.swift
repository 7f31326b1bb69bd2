import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Not by Foundation's `Process`: it hands on the signal mask of a thread that blocks SIGCHLD, with which dash waits for
/// ever.
@Suite(.gated()) struct MakeProcessTests {
  @Test("make and what it has started end when ktest is gone")
  func lifeline() async throws {
    let tree = try TemporaryTree()
    // This shell is ktest: it holds the other end of make's standard input, and lets go of it.
    let harness = """
      mkfifo life
      setsid sh -c "$0" /bin/sh -c 'sleep 300 & echo $! > pid.new; mv pid.new pid; wait' <life &
      exec 9>life
      until [ -s pid ]; do sleep 0.02; done
      exec 9>&-
      wait
      """
    let result = try await Tool(name: "sh", package: "dash").run(
      ["-c", harness, MakeProcess.script], purpose: "test", in: tree.path)
    #expect(result.succeeded, "\(result.complaint)")
    let pid = try #require(Int32(String(decoding: try KernelFiles.read("\(tree.path)/pid").dropLast(), as: UTF8.self)))
    while JournalLock.of(pid) != nil { try await Task.sleep(for: .milliseconds(20)) }
  }

  @Test("whether make succeeded, and what it said", arguments: [(0, true), (3, false)])
  func status(code: Int, succeeds: Bool) async throws {
    let tree = try TemporaryTree()
    try tree.put("Makefile", "all:\n\t@echo '  CC      mm/a.o'; exit \(code)\n")
    let process = MakeProcess(
      arguments: ["-C", tree.path], environment: [:], log: "\(tree.path)/log", tree: tree.path)
    let (succeeded, log) = try await process.run()
    #expect(succeeded == succeeds)
    #expect(log.filesCompiled == 1)
  }

  @Test("nothing is said of a build once its end is known: by itself, or interrupted", arguments: [true, false])
  func silenceAfterwards(isInterrupted: Bool) async throws {
    let tree = try TemporaryTree()
    try tree.put("Makefile", "all:\n\t@echo '  CC      mm/a.o'; \(isInterrupted ? "exec sleep 300" : "true")\n")
    let process = MakeProcess(
      arguments: ["-C", tree.path], environment: [:], log: "\(tree.path)/log", tree: tree.path)
    let state = Locked((started: false, ended: false, late: 0))
    let build = Task {
      defer { state.with { $0.ended = true } }
      return try await process.run { log in
        state.with {
          if log.filesCompiled > 0 { $0.started = true }
          if $0.ended { $0.late += 1 }
        }
      }
    }
    if isInterrupted {
      while !state.with({ $0.started }) { try await Task.sleep(for: .milliseconds(10)) }
      build.cancel()
    }
    let outcome = await build.result
    if isInterrupted {
      #expect(throws: CancellationError.self) { try outcome.get() }
    } else {
      #expect(try outcome.get().succeeded)
    }
    // Whoever would still speak has been woken already, and needs one turn.
    for _ in 0..<10_000 { await Task.yield() }
    #expect(state.with { $0.late } == 0)
  }
}
