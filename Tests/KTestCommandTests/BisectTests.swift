import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Searches with real guests and a test that knows which of them is bad.
  @Suite struct BisectTests {
    /// Fails where a word stands in a file of /proc.
    private let program = """
      #include <stdio.h>
      #include <string.h>

      int main(int argc, char **argv)
      {
        static char text[65536];
        FILE *file = argc == 3 ? fopen(argv[1], "r") : NULL;

        if (!file) return 99;
        text[fread(text, 1, sizeof text - 1, file)] = 0;
        printf("%s\\n", text);
        return strstr(text, argv[2]) != NULL;
      }
      """

    private func place(_ file: String, _ word: String, _ body: (Workplace) async throws -> Void) async throws {
      try await Workplace.with { place in
        try place.write(
          "images/finder.yaml",
          "image: finder\nlayers:\n  - {compile: finder, sources: [src/finder.c]}\n")
        try place.write("images/src/finder.c", program)
        try place.write(
          "suites/find.yaml",
          """
          suite: find
          image: finder
          guest: {memory: 512MiB, cpus: 1}
          cases:
            - name: word
              run: [finder, \(file), "\(word)"]
              format: exit-code

          """)
        try await body(place)
      }
    }

    private func steps(_ place: Workplace) throws -> [SearchStep] {
      let text = try String(contentsOfFile: "\(place.state)/bisects/\(place.searches[0])/steps.jsonl", encoding: .utf8)
      return try text.split(separator: "\n").map { try JSONDecoder().decode(SearchStep.self, from: Data($0.utf8)) }
    }

    @Test(.long) func theDecidingParameterIsNamed() async throws {
      try await place("/proc/cmdline", "trial.bug=1") { place in
        let outcome = try await place.ktest(
          "bisect", "find", "--accel", "tcg", "--kernel", Prerequisites.kernel, "--cmdline", "trial.a=1 trial.b",
          "trial.a=2 trial.bug=1 trial.c")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stdout.hasPrefix("Caused by: trial.bug=1\n"), "\(outcome)")
        #expect(outcome.stdout.contains("the case ends with fail"), "\(outcome)")
        let shown = try await place.ktest("bisect", "show")
        #expect(shown.stdout.contains("Caused by: trial.bug=1"), "\(shown)")
      }
    }

    /// Two kernels under two names each: the copies share their verdicts. Killed after its second run, the search goes on
    /// and repeats nothing.
    @Test func aSearchOverBuildsSurvivesAKill() async throws {
      try await place("/proc/version", " 6.12") { place in
        let kernels = "\(place.cache)/kernels"
        let names = try FileManager.default.contentsOfDirectory(atPath: kernels)
        let old = try #require(
          names.first { $0.hasPrefix("linux-image-6.1.0-") }, "scripts/check fetches debian:6.1-cloud")
        let new = try #require(names.first { $0.hasPrefix("linux-image-6.12") && $0.contains("cloud") })
        var words = ["bisect", "find", "--accel", "tcg"]
        for (index, name) in [old, old, new, new].enumerated() {
          try FileManager.default.createSymbolicLink(
            atPath: "\(place.path)/k\(index)", withDestinationPath: "\(kernels)/\(name)")
          words += index == 0 ? ["--builds", "k\(index)"] : ["k\(index)"]
        }
        let killed = try await execute([Built.ktest] + words, in: place.path, environment: place.environment) {
          running in
          try await eventually("two runs to be kept") {
            guard !place.searches.isEmpty else { return false }
            return (try? steps(place).count { if case .evidence = $0 { true } else { false } }) ?? 0 >= 2
          }
          running.signal(SIGKILL)
        }
        #expect(killed.signal == SIGKILL)
        let before = try steps(place)
        let outcome = try await place.ktest("bisect", "--resume", "latest")
        #expect(outcome.code == 0, "\(outcome)")
        let ends = ["k1", "k2"].map { "\(place.path)/\($0)" }
        #expect(
          outcome.stdout.hasPrefix("First bad build: \(ends[1])\n  the build before it is \(ends[0])\n"), "\(outcome)")
        let after = try steps(place)
        #expect(Array(after.prefix(before.count)) == before)
        #expect(after.contains { if case .identical = $0 { true } else { false } }, "\(outcome)")
        let again = try await place.ktest("bisect", "--resume", "latest")
        #expect(again.stdout == outcome.stdout)
        #expect(try steps(place) == after)
      }
    }

    /// Debian's 6.1 cloud kernel has no MEMORY_FAILURE: no commit is to blame, and nothing is booted to find that out.
    @Test func aConfigurationIsTheAnswer() async throws {
      try await place("/proc/version", "x") { place in
        let suite = try place.read("suites/find.yaml")
        try place.write("suites/find.yaml", suite + "    requires: {config: [MEMORY_FAILURE]}\n")
        let outcome = try await place.ktest(
          "bisect", "find", "--accel", "tcg", "--builds", Prerequisites.kernel, "debian:6.1-cloud")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stdout.hasPrefix("Caused by: CONFIG_MEMORY_FAILURE\n"), "\(outcome)")
        #expect(place.runs.isEmpty)
      }
    }

    @Test func aBadEndThatPassesIsSaid() async throws {
      try await place("/proc/version", "no such word") { place in
        let outcome = try await place.ktest(
          "bisect", "find", "--accel", "tcg", "--kernel", Prerequisites.kernel, "--cmdline", "trial.a=1", "trial.a=2",
          "--end-runs", "2")
        #expect(outcome.code == 1, "\(outcome)")
        #expect(outcome.stdout.hasPrefix("No answer: the bad side does not have the failure"), "\(outcome)")
      }
    }
  }
}
