import Foundation
import SystemPackage
import TestGate
import Testing

/// Where results go, and what is said where they cannot.
@Suite(.gated()) struct OutputTests {
  /// A device that is always full, of our own.
  private func fullDevice(in place: Workplace) throws -> FileDescriptor {
    try place.write("dev/.keep", "")
    let path = "\(place.path)/dev/full"
    try #require(mknod(path, S_IFCHR | 0o666, 1 << 8 | 7) == 0)
    return try FileDescriptor.open(path, .writeOnly, options: .closeOnExec)
  }

  @Test(
    .enabled(if: Prerequisites.makesDevices, "needs root, to make a device"),
    arguments: [
      ["--help"], ["--version"], ["suite", "schema"], ["suite", "check", "suites/small.yaml"], ["image", "list"],
      ["kernel", "list", "--format", "json"], ["console", "log"], ["run", "--help"],
    ])
  func aFullOutputIsAFailure(_ words: [String]) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.suite("small", ["pass"])
      try place.write("log", "all is well\n")
      let outcome = try await execute(
        [Built.ktest] + words, in: place.path, environment: place.environment, stdout: try fullDevice(in: place))
      #expect(outcome.code == 69, "\(outcome)")
      #expect(outcome.messages.count == 1 && outcome.stderr.contains("No space left on device"), "\(outcome)")
    }
  }

  @Test(arguments: [["--help"], ["suite", "schema"], ["image", "list"]])
  func aReaderThatHasGoneIsNone(_ words: [String]) async throws {
    try await Workplace.with(ownCache: true) { place in
      let pipe = try FileDescriptor.pipe()
      try pipe.readEnd.close()
      let outcome = try await execute(
        [Built.ktest] + words, in: place.path, environment: place.environment, stdout: pipe.writeEnd)
      #expect(outcome.code == 0 && outcome.stderr.isEmpty, "\(outcome)")
    }
  }

  @Test func aWrongReportCostsNothing() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.suite("small", ["pass"])
      for target in ["json=.", "ktap=missing/report", "junit=log/report"] {
        try place.write("log", "")
        let outcome = try await place.ktest("run", "small", "--kernel", "nothing", "--report", target)
        #expect(outcome.code == 64 && outcome.messages.count == 1, "\(outcome)")
        #expect(outcome.stderr.contains("nothing was run, choose another file"), "\(outcome)")
      }
      let twice = try await place.ktest("run", "small", "--report", "json=a", "--report", "ktap=a")
      #expect(twice.code == 64 && twice.stderr.contains("two reports have the same file a"), "\(twice)")
    }
  }
}

/// A signal that was ignored when ktest was started.
@Suite(.gated()) struct InheritedSignalTests {
  @Test(arguments: ["INT", "TERM", "HUP"]) func anIgnoredSignalStaysIgnored(_ signal: String) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("log", "all is well\n")
      // ktest follows a log until something ends it: the ignored signal must not, another does.
      let script = "trap '' \(signal); exec \"$0\" console log --follow"
      let outcome = try await execute(
        ["sh", "-c", script, Built.ktest], in: place.path, environment: place.environment
      ) { running in
        let status = "/proc/\(running.pid)/status"
        func field(_ name: String) -> UInt64 {
          let lines = ((try? String(contentsOfFile: status, encoding: .utf8)) ?? "").split(separator: "\n")
          let word = lines.first { $0.hasPrefix(name) }?.split(separator: "\t").last
          return word.flatMap { UInt64($0, radix: 16) } ?? 0
        }
        let number: Int32 = signal == "INT" ? SIGINT : signal == "TERM" ? SIGTERM : SIGHUP
        let others = [SIGINT, SIGTERM, SIGHUP].filter { $0 != number }
        let bit = { (signal: Int32) in UInt64(1) << (signal - 1) }
        // Those that were not ignored are taken over now, so ktest is past the place.
        try await eventually("ktest to take its signals") { others.allSatisfy { field("SigCgt") & bit($0) != 0 } }
        #expect(field("SigIgn") & bit(number) != 0 && field("SigCgt") & bit(number) == 0)
        running.signal(number)
        running.signal(others[0])
      }
      // What was read until then is worth having.
      #expect(outcome.code == 0 && outcome.stdout == "no splat found\n", "\(outcome)")
    }
  }
}
