import Glibc
import Testing

@testable import KTestValues

/// What this thread has used of the processor, in seconds.
private func threadSeconds() -> Double {
  var used = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used)
  return Double(used.tv_sec) + Double(used.tv_nsec) / 1e9
}

private let warning = [
  "WARNING: CPU: 1 PID: 77 at drivers/misc/widget.c:12 widget_check+0x1a/0x40", "RIP: 0010:widget_check+0x1a/0x40",
  "Call Trace:", " widget_ioctl+0x44/0x90", " do_syscall_64+0x5e/0x130", "---[ end trace 0000000000000000 ]---",
]

private func stamped(_ lines: [String], from: Double = 5, caller: String = "") -> [String] {
  lines.enumerated().map { index, line in
    let micro = Int((from + Double(index) / 1000) * 1_000_000)
    let digits = String(micro % 1_000_000)
    return "[    \(micro / 1_000_000).\(String(repeating: "0", count: 6 - digits.count) + digits)]\(caller) \(line)"
  }
}

private func titles(_ lines: [String]) -> [String] {
  SplatLog.splats(Array(lines.joined(separator: "\n").utf8)).map(\.title)
}

@Suite struct SplatDetectorTests {
  @Test func aHeaderIsSeenAtOnceAndTheEndWhenItComes() {
    var detector = SplatDetector()
    var over: [Splat] = []
    for (index, line) in stamped(["widget: loaded"] + warning).enumerated() {
      over += detector.feed(ConsoleLine(line))
      #expect(detector.begun == (index == 0 ? 0 : 1))
      #expect((detector.pending != nil) == (1..<warning.count).contains(index))
    }
    #expect(over.map(\.title) == ["WARNING in widget_check"])
    #expect(over.first?.seconds == 5.001)
    #expect(over.first?.frames.prefix(2) == ["widget_check", "widget_ioctl"])
    #expect(detector.finish() == [])
  }

  @Test func textOfUserSpaceIsNoSplat() {
    let log = stamped(["widget: loaded"]) + ["BUG: my test broke", "Oops", "WARNING: tests are slow", "Kernel panic"]
    #expect(titles(log + stamped(["widget: gone"], from: 6)) == [])
    // The same without any prefix cannot be told apart.
    #expect(titles(["BUG: my test broke"]) == ["BUG: my test broke"])
    // A stack trace is not what tests print.
    #expect(titles(stamped(["widget: loaded"]) + warning) == ["WARNING in widget_check"])
  }

  @Test func aDoubtfulHeaderBeginsNothingUntilItHasAStack() {
    var detector = SplatDetector()
    _ = detector.feed(ConsoleLine(stamped(["widget: loaded"])[0]))
    for (index, line) in warning.dropLast().enumerated() {
      _ = detector.feed(ConsoleLine(line))
      #expect(detector.begun == (index < 3 ? 0 : 1))
      #expect((detector.pending == nil) == (index < 3))
    }
    #expect(detector.finish().map(\.title) == ["WARNING in widget_check"])
    #expect(detector.begun == 1)
  }

  @Test(arguments: [
    "ODEBUG: Out of memory. ODEBUG disabled", "INFO: lockdep is turned off.", "INFO: the widget is fine",
    "traps: prog[1] general protection fault ip:401136 sp:7ffd error:0 in prog[401000+1000]",
    "Memory failure: 0x140000: recovery action for dax page: Recovered",
    "INFO: NMI handler (perf_event_nmi_handler) took too long to run: 2.277 msecs",
    "WARNING: Unprivileged eBPF is enabled with eIBRS on", "EXT4-fs (vda): warning: mounting unchecked fs",
    "DEBUG: #1 pc 0001", "dracut: WARNING: slow disk", "systemd[1]: BUG: nothing to do", "FOO_INFO: task x blocked",
    "command line: panic=-1 oops=panic",
    "INFO: The task sync:77 has been waiting for writeback completion for more than 130 seconds.",
    "INFO: task widget-test:77 is blocked on a mutex likely owned by task widget-owner:78.",
  ])
  func whatOnlyLooksLikeASplat(line: String) {
    #expect(titles(stamped([line, "widget: gone"])) == [])
  }

  @Test func aPanicThatFollowsIsTheSameEvent() {
    let panic = ["Kernel panic - not syncing: panic_on_warn set ...", "Kernel Offset: disabled"]
    let found = SplatLog.splats(Array((stamped(warning + panic)).joined(separator: "\n").utf8))
    #expect(found.map(\.title) == ["WARNING in widget_check"])
    let late = stamped(warning) + stamped(["Kernel panic - not syncing: Widget on fire"], from: 90)
    #expect(titles(late) == ["WARNING in widget_check", "kernel panic: Widget on fire"])
  }

  @Test func aReplayedLineCountsOnce() {
    let log = stamped([warning[0], "** replaying previous printk message **"] + warning)
    #expect(titles(log) == ["WARNING in widget_check"])
  }

  @Test func anotherTasksReportSpoilsTheStackOnlyWhereNobodySaysWhoPrints() {
    let torn = [warning[0], "FAULT_INJECTION: forcing a failure.", "name failslab, interval 1"] + warning.dropFirst()
    let unnamed = SplatLog.splats(Array(stamped(torn).joined(separator: "\n").utf8))
    #expect(unnamed.map(\.corrupted) == [true])
    let named = stamped(torn, caller: "[   T77]").map {
      $0.contains("FAULT") || $0.contains("failslab") ? $0.replacing("T77", with: "T78") : $0
    }
    #expect(titles(named) == ["WARNING in widget_check"])
  }

  @Test func aFloodOfSplatsStaysBounded() {
    var detector = SplatDetector()
    var count = 0
    for number in 0..<500 {
      for line in stamped(warning, from: Double(number), caller: "[T\(number)]").dropLast() {
        count += detector.feed(ConsoleLine(line)).count
      }
    }
    #expect(count > 480)
    #expect(detector.finish().count < 100)
    for _ in 0..<1000 { _ = detector.feed(ConsoleLine("BUG: " + String(repeating: "x", count: 2000))) }
    let rest = detector.finish()
    #expect(rest.allSatisfy { $0.lines.count <= OpenSplat.linesShown && $0.lines[0].utf8.count <= OpenSplat.longest })
  }

  @Test func mutilatedLogsAreReadWithoutHarm() {
    var random = SystemRandomNumberGenerator()
    for log in SplatLog.fixtures.shuffled().prefix(40) {
      for _ in 0..<2 {
        var bytes = log.bytes
        for _ in 0..<Int.random(in: 1...20, using: &random) {
          let place = Int.random(in: 0..<bytes.count, using: &random)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
          case 1: bytes.removeSubrange(place..<min(bytes.count, place + 30))
          case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 60)], at: place)
          default: bytes.insert(contentsOf: [0x1b, 0x5b, 0x0d, 0x0a, 0xff, 0x00], at: place)
          }
          if bytes.isEmpty { bytes = [0x0a] }
        }
        for splat in SplatLog.splats(bytes) {
          #expect(!splat.title.isEmpty && splat.title.utf8.count <= SplatTitle.longest)
          #expect(splat.byteRange.upperBound <= bytes.count)
          #expect(sanitised(splat.title) == splat.title)
        }
      }
    }
  }
}

@Suite struct SignatureTests {
  @Test func titlesOrAlternativesMakeTheSameBug() {
    let new = Signature(title: "KASAN: slab-use-after-free Read in foo", alternatives: ["bad-access in foo"])
    let old = Signature(title: "general protection fault in foo", alternatives: ["bad-access in foo"])
    let other = Signature(title: "general protection fault in bar", alternatives: ["bad-access in bar"])
    #expect(new.matches(old) && old.matches(new) && !new.matches(other))
    let torn = Signature(title: "general protection fault in corrupted", alternatives: ["bad-access in corrupted"])
    let alsoTorn = Signature(title: "WARNING in corrupted", alternatives: ["bad-access in corrupted"])
    #expect(!torn.matches(alsoTorn) && torn.matches(torn))
  }

  @Test func framesMakeAFinerView() {
    let one = Signature(title: "WARNING in a", frames: ["a", "b", "c"])
    let two = Signature(title: "WARNING in a", frames: ["a", "x"])
    #expect(one.matches(two) && !one.matchesClosely(two))
    #expect(one.matchesClosely(Signature(title: "WARNING in a", frames: ["a", "b"])))
  }

  @Test func aSubtestsFailureHasOneToo() {
    func signature(_ line: String) -> Signature {
      Signature(
        KTAPSubtest(
          path: ["hmm", "exclusive"], id: "hmm/exclusive", status: .fail, detail: "", diagnostics: ["RUN", line]))
    }
    let first = signature("hmm-tests.c:1702:exclusive:Expected ret (-16) == 0 (0) at 0x7f0012340000")
    #expect(first.title == "hmm/exclusive: hmm-tests.c:LINE:exclusive:Expected ret (-NUM) == NUM (NUM) at ADDR")
    #expect(first.matches(signature("hmm-tests.c:1702:exclusive:Expected ret (-16) == 0 (0) at 0x7fab12340000")))
    #expect(!first.matches(signature("Expected something else")))
  }

  // A quadratic search took 15 s of the processor; the machine's other work does not count.
  @Test func aLineFullOfHeadersTakesNoTime() {
    for header in ["BUG: ", "WARNING: ", "INFO: ", "Kernel panic", "general protection fault"] {
      let line = "[    1.000000] x" + String(repeating: header, count: 65_000 / header.utf8.count) + "\n"
      let log = Array(String(repeating: line, count: 2).utf8)
      let before = threadSeconds()
      _ = SplatLog.splats(log)
      #expect(threadSeconds() - before < 10, "\(header)")
    }
  }
}
