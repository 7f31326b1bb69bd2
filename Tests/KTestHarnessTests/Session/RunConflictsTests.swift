import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Options of a run that contradict each other")
struct RunConflictsTests {
  struct Conflict: Sendable {
    var problem: String
    var change: @Sendable (inout RunConflicts) -> Void

    init(_ problem: String, _ change: @escaping @Sendable (inout RunConflicts) -> Void) {
      (self.problem, self.change) = (problem, change)
    }
  }

  private static func conflicts(_ change: (inout RunConflicts) -> Void = { _ in }) -> RunConflicts {
    var conflicts = RunConflicts(GuestOptions())
    conflicts.suites = ["device-dax"]
    change(&conflicts)
    return conflicts
  }

  @Test(
    "are each answered with a sentence that names both",
    arguments: [
      Conflict("name a suite, for example 'ktest run device-dax'") { $0.suites = [] },
      Conflict("--again takes the suites from the run's journal") { $0.again = "latest" },
      Conflict("--again takes the cells from the run's journal") {
        ($0.suites, $0.again, $0.matrix) = ([], "latest", ["thp=never"])
      },
      Conflict("--again takes the cases from the run's journal") {
        ($0.suites, $0.again, $0.tags) = ([], "latest", ["mm"])
      },
      Conflict("--dump needs the embedded driver and does not work with --connect") {
        $0.options.connect = "qemu:///system"
        $0.dumps = true
      },
      Conflict("--functions needs the embedded driver and does not work with --connect") {
        $0.options.connect = "qemu:///system"
        $0.functions = true
      },
      Conflict("--clock instructions needs TCG: QEMU cannot count under KVM; remove --accel kvm") {
        $0.clock = .instructions
        $0.options.accel = .kvm
      },
      Conflict("--clock instructions would count what --stress executes; give one of them") {
        $0.clock = .instructions
        $0.stress = true
      },
      Conflict("--fragment and --base need --build") { $0.buildOptions = true },
      Conflict("--dump keeps a guest's memory where the guest runs, which --on does not bring; give one of them") {
        $0.options.elsewhere = "slurm"
        $0.dumps = true
      },
      Conflict(
        "--guests says how many guests run here; with --on, the slots of hosts or Slurm say it; give one of them"
      ) {
        $0.options.elsewhere = "hosts.yaml"
        $0.guests = .auto
      },
      Conflict("--set takes NAME=VALUE, not 'ndctl'") { $0.settings = ["a=b", "ndctl"] },
      Conflict("--set takes NAME=VALUE, not '=x'") { $0.settings = ["=x"] },
    ])
  func problems(_ conflict: Conflict) {
    #expect(Self.conflicts(conflict.change).problem == conflict.problem)
  }

  @Test(
    "and what goes together is none",
    arguments: [
      { _ in }, { ($0.suites, $0.again) = ([], "latest") }, { $0.settings = ["a=", "a=b=c"] },
      {
        $0.options.elsewhere = "slurm"
        $0.functions = true
        $0.clock = .instructions
      },
      {
        $0.builds = true
        $0.buildOptions = true
      }, { $0.guests = .auto }, { $0.dumps = true },
    ] as [@Sendable (inout RunConflicts) -> Void])
  func none(_ change: @Sendable (inout RunConflicts) -> Void) { #expect(Self.conflicts(change).problem == nil) }
}
