import Foundation
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("What bench boot measures")
struct MeasuredRunTests {
  @Test func theChildRunsTheSameCaseOnTheSameHost() throws {
    let fixture = try SessionFixture()
    let file = try fixture.session.suite("demo:a")
    let options = GuestOptions(connect: "qemu:///system", channel: .serial)
    let child = ChildRun(file, kernel: "/k 1", accelerator: .tcg, host: options, places: fixture.places)
    let words = child.arguments.filter { !$0.contains("ktest-bench-") }
    #expect(
      words == [
        "run", "\(file.path):a", "--kernel", "/k 1", "--accel", "tcg", "--channel", "serial", "--state", "--cache",
        fixture.places.cacheDirectory, "--connect", "qemu:///system",
      ])
  }

  @Test func virtmeGetsTheBuildTreeOrTheImage() async throws {
    let fixture = try SessionFixture()
    var kernel = fixture.kernel()
    var run = VirtmeRun(kernel, accelerator: .tcg, path: "/nowhere")
    #expect(run.arguments == ["--run", "/k/vmlinux", "--exec", "true", "--disable-kvm"])
    #expect(try await run.measure() == nil && run.problem == "not installed")
    // As built by ktest, and as built by make.
    kernel.imagePath = try fixture.tree.put("tree/vmlinux", "no kernel\n")
    #expect(VirtmeRun(kernel, accelerator: .kvm, path: "").arguments.first { $0.hasPrefix("/") } == kernel.imagePath)
    try fixture.tree.put("tree/arch/x86/boot/bzImage", "no kernel\n")
    #expect(
      VirtmeRun(kernel, accelerator: .kvm, path: "").arguments == [
        "--run", "\(fixture.tree.path)/tree", "--exec", "true",
      ])
  }

  @Test func virtmeIsNotTriedWhereSomethingIsKnownToLack() throws {
    let fixture = try SessionFixture()
    let vng = try fixture.tree.put("bin/vng", "no program\n")
    let udev = try fixture.tree.put("udevd", "no program\n")
    for path in [vng, udev] {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    var kernel = fixture.kernel()
    func problem(udev: String = udev) -> String? {
      VirtmeRun(kernel, accelerator: .tcg, path: "\(fixture.tree.path)/bin", udev: [udev]).problem
    }
    // Its configuration is not known.
    #expect(problem() == nil)
    #expect(problem(udev: "/no/such/udevd")?.hasSuffix("there is no udev; install the package udev") == true)
    let fragment = String(decoding: try Document.bytes(VirtmeRun.fragment), as: UTF8.self)
    kernel.config = KernelConfig(parsing: fragment)
    #expect(problem() == nil)
    #expect(kernel.config?.symbols == VirtmeRun.needs.sorted())
    kernel.config = KernelConfig(parsing: fragment.replacing("CONFIG_NET_9P_VIRTIO=y", with: "CONFIG_NET_9P_VIRTIO=m"))
    #expect(
      problem()
        == "this kernel has no NET_9P_VIRTIO built in; build one with 'ktest kernel build SOURCE --fragment "
        + "examples/virtme-ng.config'")
  }

  private static let suite = """
    suite: timed
    guest: {memory: 256MiB}
    parameters: {p: {description: d}}
    cases:
      - {name: skipped, run: [x], requires: {parameters: [p]}}
      - {name: a, run: [a], format: ktap}
    """

  @Test(arguments: WholeRuns.Way.allCases)
  func aWholeRunHasCopiesOfOneCase(_ way: WholeRuns.Way) async throws {
    let fixture = try SessionFixture(["timed": Self.suite])
    let guests = ScriptedHost(forkRefusal: nil)
    let host = fixture.host(guests)
    let job = try fixture.job("timed")
    let runs = WholeRuns(job: job, prepared: try await job.plan(on: host), host: host)
    #expect(try await runs.seconds(way) >= 0)
    let journal = try readJournal(at: try latestRun(in: fixture.places.stateDirectory))
    #expect(journal.summary.suites.flatMap(\.cases).map(\.name) == ["a-1", "a-2", "a-3", "a-4"])
    #expect(journal.manifest?.guests == (way == .twoAtATime ? .most(2) : nil))
    let wanted: [String] =
      switch way {
      case .oneByOne, .twoAtATime: ["boot", "boot", "boot", "boot"]
      case .isolated: ["template", "clone", "clone", "clone", "clone"]
      case .shared: ["boot"]
      }
    #expect(guests.descriptions.map(\.word) == wanted)
  }

  @Test func aClonesTimesAreThoseOfItsRun() async throws {
    let fixture = try SessionFixture(["timed": Self.suite])
    let guests = ScriptedHost(forkRefusal: nil)
    let plan = try await fixture.job("timed").plan(on: fixture.host(guests)).plan
    let guest = ForkedGuest(planned: plan.suites[0], settings: plan.settings, host: guests, name: "n")
    let template = try await guest.template()
    let made = try await guest.clone(of: template, standsReady: false)
    #expect(made.hello > 0 && made.firstCase >= made.hello && guests.anticipated.isEmpty)
    _ = try await guest.clone(of: template, standsReady: true)
    #expect(guests.descriptions.map(\.word) == ["template", "clone", "clone"] && guests.anticipated.count == 1)
    let failing = ForkedGuest(
      planned: plan.suites[0], settings: plan.settings, host: ScriptedHost(GuestScript(wakes: false)), name: "n")
    let error = await #expect(throws: Failure.self) { try await failing.clone(of: template, standsReady: false) }
    #expect(error?.description == "a clone came to no case: cannot fork the guest: the clone does not answer")
  }

  @Test func aConversationWithQEMUAlone() async throws {
    let fixture = try SessionFixture()
    let line = try QEMULine("\(fixture.tree.path)/line")
    // QEMU's end of the line.
    let (heard, says) = (
      open("\(fixture.tree.path)/line.in", O_RDONLY), open("\(fixture.tree.path)/line.out", O_WRONLY)
    )
    defer {
      close(heard)
      close(says)
    }
    let monitor = RawMonitor(line)
    func say(_ text: String) { #expect(write(says, text, text.utf8.count) == text.utf8.count) }
    say("{\"QMP\": {}}\r\n{\"event\": \"STOP\"}\r\n{\"return\": {\"status\": \"completed\"}}\r\n")
    let answer = try await monitor.ask("{}")
    #expect(MigrationStatus(answer) == .completed)
    var asked = [UInt8](repeating: 0, count: 16)
    #expect(read(heard, &asked, 16) == 3 && asked.prefix(3) == [UInt8]("{}\n".utf8)[...])
    say("{\"error\": {\"desc\": \"no\"}}\n")
    await #expect(throws: Failure.self) { _ = try await monitor.ask("x") }
  }
}

extension GuestDescription {
  fileprivate var word: String {
    switch origin {
    case .boot: "boot"
    case .template: "template"
    case .clone: "clone"
    }
  }
}
