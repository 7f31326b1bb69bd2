import Foundation
import TestGate
import Testing

/// A name that is not known is a usage error, and the answer helps on.
@Suite(.gated()) struct NamesTests {
  struct Mistake: Sendable, CustomTestStringConvertible {
    var testDescription: String { words.joined(separator: " ") }
    var words: [String]
    var told: String

    init(_ words: String..., told: String) {
      self.words = words
      self.told = told
    }
  }

  static let mistakes = [
    Mistake("run", "smal", "--kernel", ".", told: "no suite 'smal'; did you mean 'small'? (the suites are other, "),
    Mistake("run", "./absent.yaml", "--kernel", ".", told: "no suite file ./absent.yaml"),
    Mistake("run", "small", "--kernel", "./absent", told: "./absent: no such file or directory; --kernel takes"),
    Mistake("run", "small", told: "no kernel: give --kernel"),
    Mistake("run", "small", "--kernel", ".", "--set", "ndctl=/", told: "--set ndctl: none of these suites has such"),
    Mistake("run", "small", "--kernel", ".", "--set", "ndctl", told: "--set takes NAME=VALUE, not 'ndctl'"),
    Mistake("run", told: "name a suite"),
    Mistake("run", "small", "--repeat", "0", told: "--repeat takes a number of rounds from 1 to 10000, not 0"),
    Mistake("run", "small", "--until-fail", "--retry", "1", told: "--retry would hide the failures that --repeat"),
    Mistake("run", "small", "--retry", "0", told: "--retry takes a number from 1 to 9, not 0"),
    Mistake("run", "small", "--stress", "--clock", "instructions", told: "would count what --stress executes"),
    Mistake("run", "small", "--kernel", ".", "--tag", "x", told: "no case of small has the tag 'x'; there are no tags"),
    Mistake("run", "--again", "latest", "--tag", "x", told: "--again takes the cases from the run's journal"),
    Mistake("suite", "show", "smal", told: "no suite 'smal'; did you mean 'small'? (the suites are other, "),
    Mistake("run", "--again", "latest", told: "no runs in"),
    Mistake("run", "small", "--kernel", ".", "--report", "pdf=x", told: "'pdf=x' is invalid for '--report"),
    Mistake("run", "small", "--kernel", ".", "--accel", "hvf", told: "'auto', 'kvm' or 'tcg'"),
    Mistake("run", "small", "--kernel", ".", "--acel", "tcg", told: "Did you mean '--accel'?"),
    Mistake("show", "2001", told: "no run '2001'"),
    Mistake("show", "./nothing", told: "is not the directory of a run"),
    Mistake("image", "build", "nothing", told: "no recipe 'nothing'; 'ktest image list' lists all recipes"),
    Mistake("suite", "check", "absent.yaml", told: "cannot read the suite absent.yaml"),
    Mistake("kernel", "show", "absent", told: "absent: no such file or directory"),
    Mistake("console", "absent.log", told: "cannot read the log absent.log"),
    Mistake("no-such-command", told: "no-such-command"),
  ]

  @Test(arguments: mistakes) func usage(_ mistake: Mistake) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.suite("small", ["pass"])
      try place.suite("other", ["pass"])
      let outcome = try await execute(
        [Built.ktest] + mistake.words, in: place.path, environment: place.environment)
      #expect(outcome.code == 64, "\(outcome)")
      #expect(outcome.stdout.isEmpty, "\(outcome)")
      #expect(outcome.stderr.contains(mistake.told), "\(outcome)")
      #expect(outcome.messages.count + outcome.stderr.split(separator: "\n").count { $0.hasPrefix("Error: ") } == 1)
      #expect(!FileManager.default.fileExists(atPath: place.state))
    }
  }

  @Test func schemaIsJSON() async throws {
    try await Workplace.with { place in
      let outcome = try await place.ktest("suite", "schema")
      #expect(outcome.code == 0 && outcome.stderr.isEmpty, "\(outcome)")
      let schema = try JSONSerialization.jsonObject(with: Data(outcome.stdout.utf8)) as? [String: Any]
      #expect((schema?["properties"] as? [String: Any])?["cases"] != nil)
    }
  }

  @Test func suitesAreListed() async throws {
    try await Workplace.with { place in
      try place.suite("small", ["pass", "fail"])
      try place.write("suites/broken.yaml", "suite: [\n")
      let outcome = try await place.ktest("suite", "list")
      #expect(outcome.code == 0)
      #expect(outcome.stdout.split(separator: "\n").contains { $0.hasPrefix("small ") && $0.contains("2 cases") })
      #expect(outcome.stderr.contains("suites/broken.yaml:"), "\(outcome)")
      let checked = try await place.ktest("suite", "check", "suites/small.yaml")
      #expect(checked.code == 0 && checked.stdout == "suites/small.yaml: suite small, 2 cases\n", "\(checked)")
    }
  }
}
