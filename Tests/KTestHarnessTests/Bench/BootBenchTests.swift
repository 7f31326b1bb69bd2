import FoundationEssentials
import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite struct BootBenchTests {
  private static func bench(virtme: Bool) throws -> BootBench {
    var bench = BootBench()
    for value in [1.0, 3, 2] {
      bench.add(RawGuest.Boot(initStarted: value, whole: value + 1))
      let events = [
        RecordedEvent(
          time: WallTime(milliseconds: 500), event: .bootStarted(boot: 1, suite: "s", kernel: "k", cases: [])),
        RecordedEvent(time: WallTime(milliseconds: 2000), event: .bootReady(boot: 1, seconds: 1)),
        RecordedEvent(
          time: WallTime(milliseconds: 2750), event: .caseStarted(boot: 1, suite: "s", kernel: "k", name: "c")),
      ]
      bench.add(try #require(RunTimes(events: events, launched: WallTime(milliseconds: 0), whole: 4.5, console: [])))
      if virtme { bench.add(15, .virtme) }
    }
    return bench
  }

  @Test func ratiosComeFromMedians() throws {
    let bench = try BootBenchTests.bench(virtme: true)
    #expect(bench.firstCaseBehindInit == 0.25)
    #expect(bench[.runToRaw] == 1.5)
    #expect(bench[.runToVirtme] == 0.3)
  }

  @Test func withoutVirtmeThereIsNoRatioButAReason() throws {
    var bench = try BootBenchTests.bench(virtme: false)
    bench.withoutVirtme = "not installed"
    #expect(bench[.runToVirtme] == nil)
    #expect(bench.text.contains("virtme-ng: not installed\n"))
    #expect(!bench.text.contains("ktest run : virtme-ng"))
    #expect(!bench.json.contains("runToVirtme"))
  }

  /// Fast runs before it failed say nothing.
  @Test func aPeerThatFailedIsNotCompared() throws {
    var bench = try BootBenchTests.bench(virtme: true)
    bench.withoutVirtme = "cannot boot this kernel here (it printed nothing)"
    #expect(bench[.runToVirtme] == nil && bench.text.contains("virtme-ng: cannot boot this kernel here"))
  }

  @Test func clonesAndWholeRunsAreCompared() throws {
    var bench = try BootBenchTests.bench(virtme: false)
    #expect(BootBench.Ratio.allCases.filter { bench[$0] != nil } == [.runToRaw])
    bench.add(CloneTimes(hello: 0.25, firstCase: 0.5), stoodReady: true)
    bench.add(CloneTimes(hello: 0.5, firstCase: 1), stoodReady: false)
    bench.add(0.8, .rawClone)
    for (way, seconds) in zip(WholeRuns.Way.allCases, [12.0, 9, 6, 4]) { bench.add(seconds, way.quantity) }
    bench.add(load: 0.5)
    let values = BootBench.Ratio.allCases.map { bench[$0] }
    #expect(values == [1.5, 0.5 / 2.25, 0.5 / 0.8, 1.25, 0.75, 0.5, 1.5, nil])
    #expect(bench.text.contains("\na clone that stands ready: asked for to first case     0.50 s"), "\(bench.text)")
    #expect(bench.text.contains("\nfirst case of a clone that is made : QEMU alone's clone = 1.25\n"), "\(bench.text)")
    #expect(bench.text.contains("\nload average before each round: 0.50\n"), "\(bench.text)")
    #expect(bench.json.contains(#""twoToOne":0.75"#), "\(bench.json)")
  }

  @Test func tableNamesMedianAndSpread() throws {
    let lines = try BootBenchTests.bench(virtme: true).text.split(separator: "\n")
    let row = try #require(lines.first { $0.hasPrefix("QEMU alone: start to init ") })
    #expect(row.split(separator: " ").suffix(6) == ["2.00", "s", "1.00", "s", "3.00", "s"])
    #expect(lines.contains("first case after QEMU's init: 0.25 s (aim: at most 0.50 s)"))
  }

  @Test func jsonHasEverySample() throws {
    struct Read: Decodable {
      struct Row: Decodable {
        var name: String
        var median: Double
        var samples: [Double]
      }
      var measured: [Row]
      var runToRaw: Double
    }
    let read = try JSONDecoder().decode(Read.self, from: Data(try BootBenchTests.bench(virtme: true).json.utf8))
    #expect(read.measured.first?.samples == [1, 3, 2])
    #expect(read.measured.first?.median == 2)
    #expect(read.runToRaw == 1.5)
  }

  @Test func rawGuestIsTheSuitesMachineWithoutAHost() throws {
    let (suite, problems) = Suite.read(
      bytes: Array(
        "suite: s\ndescription: d\nguest: {memory: 2GiB, cpus: 3}\nimage: base\ncases: [{name: c, run: [x]}]\n".utf8),
      file: "s.yaml")
    #expect(problems.isEmpty)
    let kernel = KernelBuild(
      label: "k", release: "6.12", imagePath: "/k/vmlinux", imageFormat: .vmlinux, identity: "0", source: .path("/k"))
    let planned = PlannedSuite(
      suite: try #require(suite), kernel: kernel, initramfs: "/i.cpio", commandLine: KernelCommandLine(), cases: [])
    let arguments = try RawGuest(planned, accelerator: .tcg).arguments
    func value(_ option: String) -> String? {
      arguments.firstIndex(of: option).map { arguments[$0 + 1] }
    }
    #expect(value("-m") == "2048M")
    #expect(value("-smp") == "3")
    #expect(value("-kernel") == "/k/vmlinux")
    #expect(value("-initrd") == "/i.cpio")
    #expect(value("-append") == "ktest.channel=none")
    #expect(value("-machine") == "q35" && value("-serial") == "stdio")
    #expect(value("-cpu") == "max")
    #expect(try value("-accel") == "tcg" && RawGuest(planned, accelerator: .kvm).arguments.contains("host"))
  }
}
