import Foundation
import GuestProtocol
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

/// Whole searches over builds, and from two neighbouring builds on.
@Suite(.gated()) struct BisectBuildsTests {
  private static let builds = (0..<6).map { "k\($0)" }

  private func place(firstBad: Int) throws -> SearchPlace {
    let bad = Self.builds[firstBad...]
    return try SearchPlace { boot, request in bad.contains(boot.name) ? GuestScript.failing(request) : nil }
  }

  @Test func theLinesOfASearchNamePackagesByTheirRelease() {
    for (name, short) in [
      ("debian:linux-image-6.17.8+deb13-cloud-amd64@trixie-backports", "6.17.8+deb13-cloud"),
      ("debian:linux-image-6.1.0-56-amd64-unsigned", "6.1.0-56"), ("debian:6.12-cloud", "debian:6.12-cloud"),
      ("nightly/linux", "nightly/linux"), (String(repeating: "a", count: 40), "aaaaaaaaaaaa"),
    ] {
      #expect(BisectText.short(name) == short)
    }
  }

  @Test func theFirstBadBuildIsNamed() async throws {
    let place = try place(firstBad: 3)
    let report = try await place.job(.find(.builds(Self.builds, repository: nil))).perform(on: place.host)
    #expect(report.answer == .build(good: "k2", bad: "k3", symbols: []))
    #expect(report.text.hasPrefix("First bad build: k3\n  the build before it is k2\n"), "\(report.text)")
    #expect(report.target == "subtest 'it' fails" && report.mail == nil && report.bundle == nil)
    #expect(place.kernels.built.isEmpty)
    try place.expectNothingRepeated()
  }

  @Test func buildsThatCannotBeHadAreNotAcquitted() async throws {
    let place = try place(firstBad: 3)
    let first = try await place.job(.find(.builds(Self.builds, repository: nil)))
    var header = first.files.header
    header.gaps = ["k1": ["k0a"], "k3": ["k2a", "k2b", "k2c"]]
    let files = try SearchFiles(
      creatingIn: place.session.places.stateDirectory, header: header, files: ["suite.yaml": first.suite.bytes])
    let report = try await BisectJob(files, in: place.session, tell: { _ in }).perform(on: place.host)
    #expect(report.answer == .build(good: "k2", bad: "k3", symbols: []))
    let sentence = "between the two are 3 builds that cannot be had and may have the failure: k2a to k2c"
    #expect(report.verification.contains(sentence), "\(report.verification)")
  }

  @Test func severalWorkersNameTheSameBuild() async throws {
    for boot in [nil, 3, 5] {
      let place = try place(firstBad: 3)
      var order = SearchOrder.find(.builds(Self.builds, repository: nil))
      order.workers = 3
      if let boot { await place.interrupt(try await place.job(order), atBoot: boot) }
      let kept = try place.steps()
      let job = boot == nil ? try await place.job(order) : try place.job(resuming: "latest")
      let report = try await job.perform(on: place.host)
      #expect(report.answer == .build(good: "k2", bad: "k3", symbols: []), "\(report.text)")
      #expect(job.files.header.parameters.maximumInfrastructure == 5, "three, and one for each other worker")
      let steps = try place.steps()
      #expect(Array(steps.prefix(kept.count)) == kept && SearchStep.underWay(after: steps).isEmpty)
      // The first failure is the target, so nothing is beside the bad end.
      let counts = steps.indices.map { SearchStep.underWay(after: Array(steps[...$0])).count }
      let target = try #require(steps.firstIndex { $0.evidence?.outcome == .targetSeen })
      #expect(counts[..<target].allSatisfy { $0 == 1 } && counts.max() == 3, "\(counts)")
    }
  }

  @Test func aSearchThatIsInterruptedGoesOn() async throws {
    for boot in [1, 2, 4, 6] {
      let place = try place(firstBad: 2)
      await place.interrupt(try await place.job(.find(.builds(Self.builds, repository: nil))), atBoot: boot)
      let kept = try place.steps()
      let report = try await place.job(resuming: "latest").perform(on: place.host)
      #expect(report.answer == .build(good: "k1", bad: "k2", symbols: []), "\(report.text)")
      #expect(Array(try place.steps().prefix(kept.count)) == kept)
      try place.expectNothingRepeated("interrupted at boot \(boot)")
    }
  }

  @Test func aCaseThatCannotRunIsTheConfigurationsDoing() async throws {
    let place = try SearchPlace(cases: "{name: word, run: [word], requires: {config: [WANTED]}}") { _, _ in nil }
    place.kernels.set { $0.configurations = ["k0": "CONFIG_WANTED=y\n"] }
    let report = try await place.job(.find(.builds(["k0", "k1"], repository: nil))).perform(on: place.host)
    #expect(report.answer == .build(good: "k0", bad: "k1", symbols: ["CONFIG_WANTED"]))
    #expect(report.text.hasPrefix("Caused by: CONFIG_WANTED\n"), "\(report.text)")
    #expect(place.guests.boots.isEmpty)
  }

  @Test func anotherCaseThatFailsIsSearchedAllTheSame() async throws {
    let cases = "{name: word, run: [word], requires: {config: [WANTED]}}\n  - {name: other, run: [other]}"
    func place() throws -> SearchPlace {
      let place = try SearchPlace(cases: cases) { boot, request in
        request.name == "other" && boot.name != "k0" ? GuestScript.failing(request) : nil
      }
      place.kernels.set { $0.configurations = ["k0": "CONFIG_WANTED=y\n"] }
      return place
    }
    let found = try place()
    let order = SearchOrder.find(.builds(["k0", "k1", "k2"], repository: nil))
    let report = try await found.job(order).perform(on: found.host)
    #expect(report.test == "find:other" && report.text.hasPrefix("First bad build: k1\n"), "\(report.text)")
    // Where no other case fails, the answer is the configuration, and is not looked for twice.
    let none = try SearchPlace(cases: cases) { _, _ in nil }
    none.kernels.set { $0.configurations = ["k0": "CONFIG_WANTED=y\n"] }
    let first = try await none.job(order).perform(on: none.host)
    let boots = none.guests.boots.count
    let second = try await none.job(resuming: "latest").perform(on: none.host)
    #expect(first == second && none.guests.boots.count == boots)
    #expect(first.text.hasPrefix("Caused by: CONFIG_WANTED\n"), "\(first.text)")
  }

  /// The panic that an NMI of ktest's own brings is printed by the bad kernel, and is no bug of it.
  @Test func theEndOfAGuestThatHangsIsNoTarget() async throws {
    let place = try SearchPlace(
      probe: { probe in
        guard probe == .nmi else { return ("", []) }
        let said = GuestScript.kernel(
          "Kernel panic - not syncing: NMI: Not continuing", "CPU: 0 UID: 0 PID: 71 Comm: a Not tainted 6.12.0 #1",
          "Call Trace:", " <NMI>", " panic+0x10/0x20", " end_repeat_nmi+0xf/0x53",
          "RIP: 0010:lkdtm_HARDLOCKUP+0x5/0x10", " </NMI>",
          "---[ end Kernel panic - not syncing: NMI: Not continuing ]---")
        return ("", [said, .panicked, .ended(.poweredOff)])
      },
      play: { boot, request in boot.name == "k0" ? nil : [GuestScript.begin(request)] })
    let report = try await place.job(.find(.builds(["k0", "k1", "k2"], repository: nil))).perform(on: place.host)
    #expect(report.target == "the case ends with timeout", "\(report.text)")
    #expect(report.answer == .build(good: "k0", bad: "k1", symbols: []), "\(report.text)")
    #expect(place.guests.guests.contains { $0.probes.contains(.nmi) })
  }

  // MARK: - From builds on

  /// Two builds of commits of one repository.
  private struct Neighbours {
    var sample: SampleRepository
    var commits: [String]

    init() async throws {
      sample = try await SampleRepository()
      var commits: [String] = []
      for number in 0...7 { commits.append(try await sample.commit("mm/a.c", "\(number)\n", "mm: change \(number)")) }
      self.commits = commits
    }

    var order: SearchOrder { .find(.builds(["old", "new"], repository: sample.path)) }

    /// - Parameter isBad: whether a kernel fails, by its commit and options.
    func place(
      old: String, new: String, sameCommit: Bool = false, isBad: @escaping @Sendable (KernelGuests.Boot) -> Bool
    ) throws -> SearchPlace {
      let place = try SearchPlace { boot, request in isBad(boot) ? GuestScript.failing(request) : nil }
      place.kernels.set {
        $0.configurations = ["old": old, "new": new]
        $0.commits = ["old": sameCommit ? commits[7] : commits[0], "new": commits[7]]
      }
      return place
    }
  }

  @Test func fromTwoBuildsOnToTheCommit() async throws {
    let neighbours = try await Neighbours()
    let bad = Set(neighbours.commits[5...] + ["new"])
    for boot in [nil, 4, 8, 11] {
      let place = try neighbours.place(old: "CONFIG_A=y\n", new: "CONFIG_A=y\nCONFIG_B=y\n") {
        bad.contains($0.name) && !$0.has("-\(neighbours.commits[5])")
      }
      let job = try await place.job(neighbours.order)
      if let boot { await place.interrupt(job, atBoot: boot) }
      // The search that began is resumed; it knows the one that it has led to.
      let first = try #require(place.searches.first)
      let report = try await place.job(resuming: first).perform(on: place.host)
      #expect(report.text.hasPrefix("First bad commit: \(neighbours.commits[5].prefix(12))"), "\(report.text)")
      #expect(place.searches.count == 2 && report.search == place.searches[1])
      // Its commits are built with the configuration of the bad build.
      let built = place.kernels.built.filter { !$0.contains(neighbours.commits[0]) }
      #expect(!built.isEmpty && built.allSatisfy { $0.hasSuffix(",A,B") }, "\(built)")
      #expect(place.notes.contains("with that configuration the older code is clean: the code causes the failure"))
      try place.expectNothingRepeated("interrupted at boot \(boot ?? 0)")
    }
  }

  @Test func aConfigurationThatFailsWithTheOlderCodeIsSearched() async throws {
    let neighbours = try await Neighbours()
    for boot in [nil, 5, 7, 10] {
      let place = try neighbours.place(old: "CONFIG_A=y\n", new: "CONFIG_A=y\nCONFIG_B=y\nCONFIG_BUG=y\n") {
        $0.has("BUG")
      }
      let job = try await place.job(neighbours.order)
      if let boot { await place.interrupt(job, atBoot: boot) }
      let first = try #require(place.searches.first)
      let report = try await place.job(resuming: first).perform(on: place.host)
      #expect(report.answer == .parameters(["CONFIG_BUG=y"]), "\(report.text)")
      #expect(report.text.hasPrefix("Caused by: CONFIG_BUG=y\n"), "\(report.text)")
      #expect(place.notes.contains("the configuration causes the failure, not the code"))
      try place.expectNothingRepeated("interrupted at boot \(boot ?? 0)")
    }
  }

  @Test func buildsOfOneCommitDifferByTheirConfigurationOnly() async throws {
    let neighbours = try await Neighbours()
    let place = try neighbours.place(old: "CONFIG_A=y\n", new: "CONFIG_A=y\nCONFIG_BUG=y\n", sameCommit: true) {
      $0.has("BUG")
    }
    let report = try await place.job(neighbours.order).perform(on: place.host)
    #expect(report.answer == .parameters(["CONFIG_BUG=y"]), "\(report.text)")
  }

  @Test func commitsThatAreNotInTheRepositoryEndTheSearch() async throws {
    let neighbours = try await Neighbours()
    let place = try neighbours.place(old: "CONFIG_A=y\n", new: "CONFIG_A=y\n") { $0.name == "new" }
    place.kernels.set { $0.commits = [:] }
    let report = try await place.job(neighbours.order).perform(on: place.host)
    #expect(report.answer == .build(good: "old", bad: "new", symbols: []))
    #expect(place.notes.contains { $0.hasSuffix("name them with --repo, --good and --bad") })
  }
}
