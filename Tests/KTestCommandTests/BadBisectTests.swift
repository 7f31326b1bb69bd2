import Foundation
import TestGate
import Testing

/// What cannot be searched is refused with one message before anything is built or booted.
@Suite(.gated(), .enabled(if: Prerequisites.isInstalled("git"), "needs git"))
struct BadBisectTests {
  private func refused(
    _ words: String..., in place: Workplace, _ reason: String, wrapper: [String] = [], code: Int32 = 64,
    location: SourceLocation = #_sourceLocation
  ) async throws {
    let outcome = try await execute(
      wrapper + [Built.ktest, "bisect"] + words, in: place.path, environment: place.environment)
    #expect(outcome.code == code, "\(outcome)", sourceLocation: location)
    #expect(outcome.stdout.isEmpty, "\(outcome)", sourceLocation: location)
    #expect(outcome.stderr.contains(reason), "\(outcome)", sourceLocation: location)
    #expect(place.searches.isEmpty && place.runs.isEmpty, sourceLocation: location)
  }

  /// A suite and a history: v1 → v2 → v3, and a branch `side` from v1.
  private func place(_ body: (Workplace) async throws -> Void) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.suite("small", ["pass", "fail"])
      let script = """
        git init -q -b main tree; cd tree
        c() { echo $1 >$1; git add $1; git -c user.name=A -c user.email=a@example.org -c commit.gpgsign=false commit -q -m "$1"; }
        c one; git tag v1; git branch side; c two; git tag v2; c three; git tag v3
        git checkout -q side; c other; git checkout -q main
        """
      let made = try await execute(["sh", "-ec", script], in: place.path)
      try #require(made.code == 0, "\(made)")
      try await body(place)
    }
  }

  @Test func revisions() async throws {
    try await place { place in
      try await refused(
        "small", "--repo", "tree", "--good", "v1", "--bad", "v33", in: place, "no commit 'v33' in")
      try await refused("small", "--repo", "tree", "--good", "v1", "--bad", "v33", in: place, "did you mean 'v3'?")
      try await refused(
        "small", "--repo", "tree", "--good", "v3", "--bad", "v1", in: place, "are the ends swapped?")
      try await refused(
        "small", "--repo", "tree", "--good", "v2", "--bad", "v2", in: place, "are the same commit")
      try await refused(
        "small", "--repo", "tree", "--good", "side", "--bad", "v3", in: place, "is not an ancestor of --bad v3")
      try await refused(
        "small", "--repo", "images", "--good", "v1", "--bad", "v2", in: place, "is not in a git repository")
      try await refused(
        "small", "--repo", "tree", "--good", "v1", "--bad", "--upload-pack=x", in: place, "bad")
    }
  }

  @Test func treesWithChanges() async throws {
    try await place { place in
      try place.write("tree/two", "changed\n")
      try await refused(
        "small", "--repo", "tree", "--good", "v1", "--bad", "v3", in: place, "has uncommitted changes (two)")
      #expect(try place.read("tree/two") == "changed\n")
    }
  }

  @Test func suitesAndCases() async throws {
    try await place { place in
      let ends = ["--repo", "tree", "--good", "v1", "--bad", "v3"]
      try await refused(
        "small:paß", ends[0], ends[1], ends[2], ends[3], ends[4], ends[5], in: place,
        "has no case 'paß'; it has pass, fail")
      try await refused("smal", ends[0], ends[1], ends[2], ends[3], ends[4], ends[5], in: place, "no suite 'smal'")
      try await refused(
        "small", "--splat", "WARNING in x", "--builds", "a", "--builds", "b", in: place, "need the case: ")
      try place.write(
        "suites/wide.yaml",
        "suite: wide\nimage: tiny\nmatrix: {size: [small, large]}\ncases:\n  - {name: a, run: [tiny, pass], format: exit-code}\n"
      )
      try await refused("wide:a", "--builds", "a", "--builds", "b", in: place, "wide[size=small] or wide[size=large]")
      try await refused("wide[size=huge]:a", "--builds", "a", "--builds", "b", in: place, "has no value 'huge'")
    }
  }

  @Test func otherSpaces() async throws {
    try await place { place in
      try await refused("small", in: place, "give one of: --repo")
      try await refused("small", "--repo", "tree", "--good", "v1", in: place, "--repo needs --good REV and --bad REV")
      try await refused("small", "--builds", "debian:6.12-cloud", in: place, "a search needs two")
      try await refused("small", "--cmdline", "a", "b", in: place, "and --kernel")
      try await refused(
        "small", "--kernel", "k", "--cmdline", "a=1 b", "b a=1", in: place, "the two sides are identical")
      try await refused("small", "--kernel", "k", "--cmdline", "a", "b=\"x", in: place, "double quote")
      try await refused(
        "small", "--kernel", "k", "--cmdline", "a", "a quiet", in: place,
        "--cmdline: the kernel parameter 'quiet' is refused")
      try await refused("small", "--kernel", "tree", "--config", "a", "b", in: place, "cannot read a")
      try place.write("a", "nothing\n")
      try await refused("small", "--kernel", "tree", "--config", "a", "a", in: place, "a sets no symbol")
      for (metric, reason) in [("x", "write NAME>VALUE"), (">3", "write NAME>VALUE"), ("x>nan", "write NAME>VALUE")] {
        try await refused("small:pass", "--metric", metric, "--builds", "a", "b", in: place, reason)
      }
      try await refused(
        "small:pass", "--verdict", "pass", "--builds", "a", "b", in: place, "the verdict must be fail, timeout or crash"
      )
      try await refused(
        "small:pass", "--verdict", "fail", "--splat", "x", "--builds", "a", "b", in: place,
        "a search follows one target")
      try await refused(
        "--resume", "latest", "--confidence", "99", in: place, "--confidence belongs to the beginning of a search")
      try await refused(
        "small:pass", "--builds", "a", "b", "--repo", "tree", "--good", "v1", "--bad", "v3", in: place,
        "the ends of --builds are its first and last kernel")
      try await refused("--resume", "latest", in: place, "no", code: 64)
    }
  }

  /// git takes every code from 1 to 127 for a verdict: what is wrong with the command must stop it.
  @Test func aStepThatCannotBeginStopsGit() async throws {
    try await place { place in
      for words in [["--splt", "x"], ["--error", "70"], [], ["small:none"], ["small:pass", "--repo", "images"]] {
        let outcome = try await execute(
          [Built.ktest, "bisect-step"] + (words.first == "--splt" ? ["small:pass"] : []) + words, in: place.path,
          environment: place.environment)
        #expect(outcome.code == 128, "\(outcome)")
        #expect(!outcome.stderr.isEmpty)
      }
      let help = try await place.ktest("bisect-step", "--help")
      #expect(help.code == 0 && help.stdout.contains("git bisect run"), "\(help)")
    }
  }

  @Test(.enabled("needs mounts of its own") { await Prerequisites.mounts() })
  func tooLittleSpace() async throws {
    try await place { place in
      try place.write("c/.keep", "")
      let wrapper = Prerequisites.mounted("mount -t tmpfs -o size=1g none '\(place.cacheHome)'")
      try await refused(
        "small", "--repo", "tree", "--good", "v1", "--bad", "v3", in: place,
        "MiB free, and a search over builds needs 4 GiB",
        wrapper: wrapper, code: 69)
    }
  }
}

extension Workplace {
  /// Names of the searches that were begun, oldest first.
  var searches: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: "\(state)/bisects")) ?? []).filter { $0 != "rates" }.sorted()
  }
}
