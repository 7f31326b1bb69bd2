import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("What earlier runs say about the time of a case")
struct FormerTimesTests {
  private func run(_ seconds: [(String, Double, Verdict)], ready: Double = 2, whole: Double) -> RunSummary {
    RunSummary(
      run: "r", verdict: .pass, seconds: whole,
      boots: [
        BootResult(
          id: 1, suite: "s[a=1]", kernel: "k", verdict: .pass, readySeconds: ready, seconds: whole, console: "c")
      ],
      suites: [
        SuiteResult(
          name: "s[a=1]", kernel: "k", verdict: .pass,
          cases: seconds.map { CaseResult(name: $0.0, verdict: $0.2, seconds: $0.1, boot: 1) })
      ])
  }

  private func times(_ runs: RunSummary..., used: String? = "tcg", asked: String = "tcg", cpus: Int = 2) -> FormerTimes
  {
    var manifest = JournalSample.manifest
    manifest.accelerator.used = used
    var times = FormerTimes()
    var host = manifest.host
    host.cpus = cpus
    for run in runs { times.add(run, manifest, accelerator: asked, host: host) }
    return times
  }

  @Test func mediansOfCasesAndOfBootsWithoutTheirCases() {
    let times = times(
      run([("a", 10, .pass), ("b", 5, .fail)], whole: 18), run([("a", 20, .pass)], whole: 24),
      run([("a", 30, .timeout), ("b", 900, .error)], whole: 935))
    #expect(times.seconds(suite: "s[a=1]", name: "a") == 20)
    #expect(times.seconds(suite: "s[a=1]", name: "b") == 5, "an error says nothing")
    #expect(times.seconds(suite: "s[a=2]", name: "a") == nil && times.seconds(suite: "s[a=1]", name: "c") == nil)
    #expect(times.bootSeconds(suite: "s[a=2]") == 4, "3, 4 and 5: guests of the other cells tell, too")
    #expect(times.bootSeconds(suite: "other") == 4)
    #expect(FormerTimes().bootSeconds(suite: "s") == nil)
  }

  @Test func clonesTellOfClonesOnly() {
    var (boot, clone) = (run([("a", 10, .pass)], whole: 13), run([("a", 10, .pass)], ready: 0.1, whole: 10.5))
    clone.boots[0].clone = BootResult.CloneOrigin(boot: 9, age: 3)
    let times = times(boot, clone)
    #expect(times.bootSeconds(suite: "s") == 3 && times.cloneSeconds(suite: "s[a=2]") == 0.5)
    #expect(times.cloneSeconds(suite: "other") == 0.5)
    boot.boots[0].clone = nil
    #expect(self.times(boot).cloneSeconds(suite: "s") == nil)
  }

  @Test func anotherAcceleratorOrHostTellsNothing() {
    let one = run([("a", 10, .pass)], whole: 18)
    #expect(times(one).seconds(suite: "s[a=1]", name: "a") == 10)
    #expect(times(one, asked: "kvm").seconds(suite: "s[a=1]", name: "a") == nil)
    #expect(times(one, used: nil).seconds(suite: "s[a=1]", name: "a") == nil)
    #expect(times(one, cpus: 64) == FormerTimes())
  }

  @Test func noStateDirectoryIsNoTrouble() {
    #expect(formerTimes(in: "/no/such/directory", accelerator: "tcg") == FormerTimes())
  }
}
