import Foundation
import TestGate
import Testing

/// ktest started from a hook, or from `git rebase --exec`: git's variables name the repository of the hook.
@Suite(.gated(), .enabled(if: Prerequisites.isInstalled("git"), "needs git")) struct HookTests {
  private func repository(_ name: String, in place: Workplace) async throws -> String {
    try place.write("\(name)/\(name).txt", "\(name)\n")
    let script = """
      set -e; cd \(name); git init -q -b main; git add -A; git config user.name a; git config user.email a@example.org
      git commit -q -m \(name); git rev-parse HEAD
      """
    let outcome = try await execute(["sh", "-c", script], in: place.path, environment: place.environment)
    #expect(outcome.code == 0, "\(outcome)")
    return outcome.stdout.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private func hook(_ name: String, in place: Workplace) -> [String: String] {
    ["GIT_DIR": "\(place.path)/\(name)/.git", "GIT_WORK_TREE": "\(place.path)/\(name)", "GIT_INDEX_FILE": "index"]
  }

  private func snapshot(_ name: String, in place: Workplace) -> [String: Data?] {
    Dictionary(
      uniqueKeysWithValues: files(below: "\(place.path)/\(name)").map { ($0, FileManager.default.contents(atPath: $0)) }
    )
  }

  @Test func aSourceIsClonedBesideTheHooksRepository() async throws {
    try await Workplace.with(ownCache: true) { place in
      _ = try await repository("mine", in: place)
      _ = try await repository("project", in: place)
      try place.write(
        "images/other.yaml",
        "image: other\nlayers:\n  - {meson: source, install: {a: /bin/a}}\n")
      let before = snapshot("mine", in: place)
      let outcome = try await place.ktest(
        "image", "build", "other", "--set", "source=file://\(place.path)/project@main",
        environment: hook("mine", in: place))
      #expect(outcome.stderr.contains("it has no meson.build"), "\(outcome)")
      #expect(snapshot("mine", in: place) == before)
      #expect(files(below: place.cache).contains { $0.hasSuffix("/source/project.txt") })
    }
  }

  @Test func aSearchReadsTheRepositoryThatIsNamed() async throws {
    try await Workplace.with(ownCache: true) { place in
      _ = try await repository("mine", in: place)
      let named = try await repository("named", in: place)
      try place.suite("small", ["pass"])
      let outcome = try await place.ktest(
        "bisect", "small:pass", "--repo", "named", "--good", "HEAD", "--bad", "main",
        environment: hook("mine", in: place))
      #expect(outcome.code == 64 && outcome.stderr.contains("are the same commit, \(named.prefix(12))"), "\(outcome)")
      let option = try await place.ktest("bisect", "small:pass", "--repo", "named", "--good=-x", "--bad", "main")
      #expect(option.code == 64 && option.stderr.contains("'-x' is not a revision"), "\(option)")
    }
  }
}
