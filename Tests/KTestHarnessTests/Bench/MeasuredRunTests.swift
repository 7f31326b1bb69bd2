import Testing

@testable import KTestGuests
@testable import KTestHarness
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
    kernel.moduleLayout = .buildTree
    #expect(VirtmeRun(kernel, accelerator: .kvm, path: "").arguments == ["--run", "/k", "--exec", "true"])
  }
}
