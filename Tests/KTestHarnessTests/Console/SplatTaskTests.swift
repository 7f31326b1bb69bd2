import Testing

@testable import KTestValues

@Suite("The task of a splat")
struct SplatTaskTests {
  private static func splat(_ lines: String...) throws -> Splat {
    var detector = SplatDetector()
    var found: [Splat] = []
    let all =
      ["BUG: unable to handle page fault for address: ffffea0004000000", "Oops: Oops: 0002 [#1] SMP"] + lines + [
        "RIP: 0010:widget_ioctl+0x5/0x10", "Call Trace:", " <TASK>", " __x64_sys_ioctl+0x1/0x2", " </TASK>",
        "---[ end trace 0000000000000000 ]---",
      ]
    var splitter = LineSplitter()
    for raw in splitter.push(Array(all.map { "[    4.400000] \($0)\n" }.joined().utf8)) {
      found += detector.feed(ConsoleLine(raw))
    }
    found += detector.finish()
    return try #require(found.first)
  }

  @Test(
    "as kernels since 6.1 name it",
    arguments: [
      ("CPU: 0 UID: 0 PID: 45 Comm: hmm-pingpong Not tainted 7.3.4 #1 PREEMPTLAZY", 45, "hmm-pingpong"),
      ("CPU: 1 PID: 131 Comm: a b: c Tainted: G      D            6.1.0-56-cloud-amd64 #1", 131, "a b: c"),
      ("CPU: 1 PID: 9 Comm: Tainted: Not tainted 6.1.0 #1", 9, "Tainted:"),
    ])
  func named(_ line: String, _ pid: Int, _ name: String) throws {
    #expect(try Self.splat(line).task == SplatTask(pid: pid, name: name, isProgram: false))
    #expect(try Self.splat(line, "RIP: 0033:0x447bcb").task?.isProgram == true)
  }

  @Test("and not at all")
  func unnamed() throws {
    #expect(try Self.splat("Modules linked in: PID: 3 Comm: x").task == nil)
    #expect(try Self.splat("CPU: 0 Comm: x PID: 3 Not tainted").task == nil)
  }

  @Test("a test's: its program by name, or whatever else came from user space, but never the agent or the kernel's")
  func ofTest() {
    func task(_ pid: Int, _ name: String, isProgram: Bool = false) -> SplatTask {
      SplatTask(pid: pid, name: name, isProgram: isProgram)
    }
    #expect(task(45, "hmm-pingpong").belongs(toTestOf: "/usr/bin/hmm-pingpong"))
    #expect(task(45, "a-name-of-more-").belongs(toTestOf: "a-name-of-more-than-15-bytes"))
    #expect(task(45, "child", isProgram: true).belongs(toTestOf: "parent"))
    #expect(!task(45, "kworker/0:1").belongs(toTestOf: "parent"))
    #expect(!task(1, "init", isProgram: true).belongs(toTestOf: "init"))
    #expect(!task(0, "swapper/0").belongs(toTestOf: nil))
  }
}
