import Foundation
import TestGate
import Testing

/// A bad suite file is told in one message with exit code 65, before anything is written or asked of the host.
@Suite(.gated()) struct BadSuiteTests {
  struct Fault: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var suite: String
    /// Where, and what must be said; each at the beginning of a line.
    var told: [String]
  }

  private static let start = "suite: bad\nimage: base\n"
  private static let cases = "cases: [{name: a, run: [/init], format: exit-code}]\n"

  static let faults = [
    Fault(
      testDescription: "unknown key", suite: start + "cases: [{name: a, run: [/init], formt: exit-code}]\n",
      told: ["bad.yaml:3:33: error: unknown key 'formt' in a case; did you mean 'format'?"]),
    Fault(
      testDescription: "wrong type", suite: start + "cases: [{name: a, run: /init, format: exit-code}]\n",
      told: ["bad.yaml:3:24: error: expected a program and its arguments as a list, found '/init'"]),
    Fault(
      testDescription: "tab", suite: start + "cases:\n\t- {name: a, run: [/init], format: exit-code}\n",
      told: ["bad.yaml:4:1: error: a tab indents this line; YAML allows spaces only"]),
    Fault(
      testDescription: "alias bomb",
      suite: start + "guest: {cmdline: &a [x, x, x, x, x, x, x, x]}\n" + cases,
      told: ["bad.yaml:3:18: error: the anchor '&a' is not supported"]),
    Fault(
      testDescription: "cyclic matrix", suite: start + "matrix: {a: [$b], b: [$a]}\n" + cases,
      told: [
        "bad.yaml:3:14: error: an axis's value must consist of",
        "bad.yaml:3:23: error: an axis's value must consist of",
      ]),
    Fault(
      testDescription: "a silent kernel log",
      suite: start + "guest: {cmdline: [nokaslr, quiet, loglevel=3]}\n" + cases,
      told: [
        "bad.yaml:3:28: error: the kernel parameter 'quiet' is refused: it hides warnings",
        "bad.yaml:3:35: error: the kernel parameter 'loglevel=3' is refused: it hides messages",
      ]),
    Fault(
      testDescription: "overlapping pmem",
      suite: start + "guest: {memory: 8GiB, pmem: [{size: 2GiB, at: 4GiB}, {size: 2GiB, at: 5GiB}]}\n" + cases,
      told: ["bad.yaml:3:54: error: the region 2GiB at 5GiB overlaps the region 2GiB at 4GiB"]),
    Fault(
      testDescription: "several at once", suite: start + "cases: [{name: a, run: /init, formt: exit-code}]\nbogus: 1\n",
      told: ["bad.yaml:3:24: error: ", "bad.yaml:3:31: error: ", "bad.yaml:4:1: error: "]),
    Fault(
      testDescription: "a condition that no kernel can meet",
      suite: start + "cases: [{name: a, run: [/init], format: exit-code, when: {kernel: '>=7 <6'}}]\n",
      told: ["bad.yaml:3:67: error: no kernel has a version that is '>=7 <6'"]),
    Fault(testDescription: "empty", suite: "", told: ["bad.yaml:1:1: error: "]),
    Fault(testDescription: "no text", suite: "\u{0}\u{1}\u{2}", told: ["bad.yaml:1:1: error: "]),
  ]

  @Test(arguments: faults) func toldOnce(_ fault: Fault) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("bad.yaml", fault.suite)
      for command in [["run", "bad.yaml", "--kernel", "."], ["suite", "check", "bad.yaml"]] {
        let outcome = try await execute([Built.ktest] + command, in: place.path, environment: place.environment)
        #expect(outcome.code == 65, "\(outcome)")
        #expect(outcome.stdout.isEmpty, "\(outcome)")
        let errors = outcome.stderr.split(separator: "\n").filter { $0.contains(": error: ") }
        #expect(errors.count == fault.told.count, "\(outcome)")
        for (error, told) in zip(errors, fault.told) { #expect(error.hasPrefix(told), "\(outcome)") }
        #expect(outcome.messages.count == (command[0] == "run" ? 1 : 0), "\(outcome)")
      }
      #expect(!FileManager.default.fileExists(atPath: place.state))
      #expect(!FileManager.default.fileExists(atPath: place.cache))
    }
  }

  @Test func caretUnderEachProblem() async throws {
    try await Workplace.with { place in
      try place.write("bad.yaml", BadSuiteTests.start + "cases: [{name: a, run: /init, formt: exit-code}]\nbogus: 1\n")
      let lines = try await place.ktest("suite", "check", "bad.yaml").stderr.split(
        separator: "\n", omittingEmptySubsequences: false)
      var seen = 0
      for (number, line) in lines.enumerated() where line.contains(": error: ") {
        let column = try #require(Int(line.split(separator: ":")[2]))
        #expect(lines[number + 2].prefix { $0 == " " }.count == column - 1 + 2, "\(lines)")
        #expect(lines[number + 2].hasSuffix("^"))
        seen += 1
      }
      #expect(seen == 3)
    }
  }

  @Test func hundredMegabytes() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("bad.yaml", "suite: bad\n")
      let file = try FileHandle(forWritingTo: URL(filePath: "\(place.path)/bad.yaml"))
      try file.truncate(atOffset: 100_000_000)
      try file.close()
      for command in [["run", "bad.yaml", "--kernel", "."], ["suite", "check", "bad.yaml"]] {
        let outcome = try await execute([Built.ktest] + command, in: place.path, environment: place.environment)
        #expect(outcome.code == 65, "\(outcome)")
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.messages == ["ktest: bad.yaml: error: the file has 100000000 bytes; the limit is 1048576"])
        #expect(outcome.stderr.utf8.count < 200)
      }
      #expect(!FileManager.default.fileExists(atPath: place.state))
    }
  }

  /// A bomb of recipes is no better than one of suites.
  @Test func badRecipe() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("images/bad.yaml", "image: bad\nlayers:\n  - {directry: /x}\n")
      let outcome = try await place.ktest("image", "build", "bad")
      #expect(outcome.code == 65, "\(outcome)")
      #expect(outcome.stdout.isEmpty)
      #expect(
        outcome.stderr.contains("images/bad.yaml:3:5: error: the layer has no kind; did you mean 'directory'?"),
        "\(outcome)")
      #expect(files(below: place.cache).isEmpty)
    }
  }
}
