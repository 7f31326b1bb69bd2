import Foundation
import FoundationXML
import KTestHarness
import KTestValues
import SystemPackage
import Testing

extension GuestTests {
  /// `ktest run` and what can be asked about a run, with guests that are real.
  @Suite struct RunTests {
    struct Ending: Sendable, CustomTestStringConvertible {
      var testDescription: String { "\(words) give \(code)" }
      var words: [String]
      var guest = ""
      var code: Int32
      var verdict: Verdict
    }

    static let endings = [
      Ending(words: ["pass", "skip"], code: 0, verdict: .pass),
      Ending(words: ["skip"], code: 0, verdict: .skip),
      Ending(words: ["pass", "fail"], code: 1, verdict: .fail),
      Ending(words: ["pass", "fail"], guest: ", cmdline: [rdinit=/none]", code: 69, verdict: .error),
    ]

    @Test(arguments: endings) func exitCode(_ ending: Ending) async throws {
      try await Workplace.with { place in
        try place.suite("small", ending.words, guest: ending.guest)
        let outcome = try await place.run("small")
        #expect(outcome.code == ending.code, "\(outcome)")
        let summary = try await place.shown()
        #expect(summary.verdict == ending.verdict && summary.verdicts.count == ending.words.count)
        #expect(outcome.stdout.contains("run \(place.state)/runs/\(summary.run)\n"))
        // A boot that came to nothing tells why in its own words, once, and not for each case again.
        if ending.verdict == .error {
          let details = outcome.stdout.split(separator: "\n").filter { $0.hasPrefix("ERROR   ") }
          #expect(details.count == 1 && details[0].contains("boot 1 of small"), "\(outcome)")
        }
        #expect(Processes.guests(of: summary.run).isEmpty)
      }
    }

    @Test func reportsAndOnceMore() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass", "fail", "skip"])
        let outcome = try await place.run(
          "small", "--format", "json", "--report", "ktap=out.ktap", "--report", "junit=out.xml", "--report",
          "json=out.json")
        #expect(outcome.code == 1, "\(outcome)")
        let summary = try RunSummary(json: outcome.stdout)
        #expect(summary.verdicts == ["pass pass", "fail fail", "skip skip"])
        #expect(try RunSummary(json: place.read("out.json")) == summary)
        let ktap = try place.read("out.ktap")
        #expect(ktap.hasPrefix("KTAP version 1\n1..1\n") && ktap.contains("\n  not ok 2 fail"), "\(ktap)")
        #expect(XMLParser(data: Data(try place.read("out.xml").utf8)).parse())
        #expect(try await place.shown() == summary)

        // The suite as it was is repeated, whatever has become of its file.
        try place.write("suites/small.yaml", "suite: [\n")
        let again = try await place.ktest("run", "--again", "latest", "--accel", "tcg", "--format", "json")
        #expect(again.code == 1, "\(again)")
        #expect(try RunSummary(json: again.stdout).verdicts == summary.verdicts)
        #expect(place.runs.count == 2)
        let listed = try await place.ktest("show").stdout.split(separator: "\n").dropFirst().map(String.init)
        #expect(listed.compactMap { $0.split(separator: " ").first.map(String.init) } == place.runs)
        #expect(listed.allSatisfy { $0.contains(" FAIL ") && $0.contains(" small ") }, "\(listed)")
      }
    }

    @Test func reportThatCannotBeWritten() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        let wrong = try await place.run("small", "--report", "json=/proc/none/out.json")
        #expect(wrong.code == 64 && wrong.stderr.contains("cannot write to /proc/none/out.json"), "\(wrong)")
        #expect(place.runs.isEmpty)
        guard Prerequisites.makesDevices else { return }
        // What only shows when the report is there costs the report, not the run. A device of our own, not the system's.
        let full = "\(place.path)/full"
        try #require(mknod(full, S_IFCHR | 0o666, 1 << 8 | 7) == 0)
        let outcome = try await place.run("small", "--report", "json=\(full)")
        #expect(outcome.code == 69 && outcome.stderr.contains("cannot write \(full)"), "\(outcome)")
        #expect(try await place.shown().verdict == .pass)
      }
    }

    @Test func dryRunBootsNothing() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass", "fail"])
        let outcome = try await place.run("small:pass", "--dry-run")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stdout.hasPrefix("1 cases in 1 boots under tcg\n"), "\(outcome)")
        #expect(!FileManager.default.fileExists(atPath: place.state))
        let wrong = try await place.run("small:pas", "--dry-run")
        #expect(wrong.code == 64 && wrong.stdout.isEmpty, "\(wrong)")
        #expect(wrong.messages == ["ktest: suite small has no case 'pas'; it has pass, fail"])
      }
    }

    /// `ktest run … | head -0`
    @Test func nobodyReadsTheResult() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        let pipe = try FileDescriptor.pipe()
        try pipe.readEnd.close()
        let outcome = try await place.run("small", stdout: pipe.writeEnd)
        #expect(outcome.code == 0, "\(outcome)")
        #expect(try readJournal(at: "\(place.state)/runs/\(try #require(place.runs.last))").state == .finished)
        #expect(try await place.shown().verdict == .pass)
      }
    }

    @Test func kernelsAndImages() async throws {
      try await Workplace.with { place in
        let kernels = try await place.ktest("kernel", "list")
        #expect(kernels.code == 0 && kernels.stdout.contains("-cloud-amd64"), "\(kernels)")
        let shown = try await place.ktest("kernel", "show", Prerequisites.kernel, "--format", "json")
        let build = try JSONDecoder().decode(KernelBuild.self, from: Data(shown.stdout.utf8))
        #expect(build.release.hasPrefix("6.12") && kernels.stdout.contains(build.release), "\(shown)")

        let built = try await place.ktest("image", "build", "tiny")
        #expect(built.code == 0 && built.stdout.hasPrefix("tiny  "), "\(built)")
        let listed = try await place.ktest("image", "list")
        #expect(listed.code == 0 && listed.stdout.contains("\ntiny ") || listed.stdout.hasPrefix("tiny "), "\(listed)")
        #expect(!listed.stdout.contains("not built") || listed.stdout.contains("ndctl"))
      }
    }

    @Test func doctorTellsTheTruthAboutKVM() async throws {
      try await Workplace.with { place in
        let outcome = try await place.ktest("doctor")
        #expect(outcome.code == 0, "\(outcome)")
        let kvm = outcome.stdout.split(separator: "\n").filter { $0.contains("KVM") || $0.contains("/dev/kvm") }
        #expect(kvm.count == 1, "\(outcome)")
        let works = kvm.first?.hasPrefix("ok    KVM works: a guest has booted under it") == true
        #expect(works || kvm.first?.hasPrefix("note") == true && kvm.first?.hasSuffix("guests run under TCG") == true)
        let json = try await place.ktest("doctor", "--format", "json")
        let report = try JSONDecoder().decode(HostReport.self, from: Data(json.stdout.utf8))
        #expect(json.code == 0 && report.good && report.guests.kvm == works && report.guests.forks)
        #expect(report.guests.qemu != nil && report.findings.map(\.text).contains { $0.hasPrefix("agent: ") })
      }
    }
  }
}
