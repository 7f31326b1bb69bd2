import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("Orders of groups")
struct GroupOrderTests {
  private func names(_ orders: [GroupOrder]) -> [String] {
    orders.map { $0.parts.map { "\($0.suite.name):\($0.cases.joined(separator: ","))" }.joined(separator: " ") }
  }

  private func matrix(isolation: Suite.Isolation = .shared) throws -> Plan {
    var suite = Suite(
      name: "s", matrix: [MatrixAxis("thp", ["always", "never"])], cases: ["a", "b"].map { Case(name: $0, run: [$0]) })
    suite.isolation = isolation
    let planned = try suite.cells.map { cell in
      PlannedSuite(
        suite: cell, kernel: ScriptedRun.kernel(), initramfs: "/i.cpio",
        commandLine: try guestCommandLine(of: cell.guest), cases: cell.cases.map { PlannedCase($0) })
    }
    return Plan(suites: planned, settings: RunSettings(accelerator: .kvm))
  }

  @Test("what shares a guest stays together, and each worker gets some of what does not")
  func packs() throws {
    var cases = ["a", "b", "c", "d", "e", "f"].map { Case(name: $0, run: [$0]) }
    for place in 2..<6 { cases[place].fresh = true }
    let plan = try ScriptedRun.plan(cases, skips: ["f": "no"])
    #expect(names(ElsewherePlan.orders(of: plan, workers: 9)) == ["s:a,b", "s:c", "s:d", "s:e"])
    #expect(names(ElsewherePlan.orders(of: plan, workers: 1)) == ["s:a,b,c,d,e"])
    let seconds = ["a": 1.0, "b": 1, "c": 5, "d": 2, "e": 4]
    // 5 | 4 → 4 + 2 | 5 + 2: each goes to the shortest.
    let two = ElsewherePlan.orders(of: plan, workers: 2, seconds: seconds)
    #expect(names(two) == ["s:c,d", "s:a,b,e"] || names(two) == ["s:a,b,c", "s:d,e"], "\(names(two))")
    #expect(two.map(\.seconds).reduce(0, +) == 13 && two[0].seconds >= two[1].seconds)
    #expect(Set(two.flatMap { $0.parts.flatMap(\.cases) }) == ["a", "b", "c", "d", "e"])
  }

  @Test("cells that share a guest are one order, others are several")
  func cells() throws {
    #expect(names(ElsewherePlan.orders(of: try matrix())) == ["s[thp=always]:a,b s[thp=never]:a,b"])
    let own = ElsewherePlan.orders(of: try matrix(isolation: .case), workers: 2)
    #expect(own.count == 2 && own.flatMap(\.parts).flatMap(\.cases).count == 4)
    #expect(own.map(\.cases) == [2, 2])
  }

  @Test("the longest is first, and those that take as long keep the order of the plan")
  func longest() throws {
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])])
    for name in ["b", "c", "d"] { plan.suites += try ScriptedRun.plan([Case(name: name, run: [name])]).suites }
    for (place, name) in ["s", "t", "u", "v"].enumerated() { plan.suites[place].suite.name = name }
    let orders = ElsewherePlan.orders(of: plan, seconds: ["a": 1, "b": 9, "c": 9, "d": 20])
    #expect(names(orders) == ["v:d", "t:b", "u:c", "s:a"] && orders.map(\.number) == [1, 2, 3, 4])
  }

  @Test("boots have ranges that do not meet, also over rounds", arguments: [0, 2])
  func ranges(_ retries: Int) throws {
    var plan = try ScriptedRun.plan(["a", "b", "c"].map { Case(name: $0, run: [$0]) }, isolation: .case)
    plan.settings.course = RunCourse(rounds: retries == 0 ? 2 : nil, retries: retries)
    var orders = ElsewherePlan.orders(of: plan, firstBoot: 7, workers: 2)
    #expect(orders[0].firstBoot == 7)
    let next = orders.map { $0.firstBoot + $0.mostBoots }.max() ?? 0
    orders += ElsewherePlan.orders(of: plan, round: 2, firstBoot: next, workers: 2)
    for (one, other) in zip(orders, orders.dropFirst()) { #expect(one.firstBoot + one.mostBoots == other.firstBoot) }
    #expect(orders.allSatisfy { $0.mostBoots >= $0.cases * (retries + 1) * 6 })
    #expect(orders.map(\.rounds) == [1...1, 1...1, 2...2, 2...2])
  }

  @Test("rounds in clones of one guest are one worker's")
  func clones() throws {
    var plan = try ScriptedRun.plan(["a", "b", "c"].map { Case(name: $0, run: [$0]) }, isolation: .case, forks: true)
    plan.settings.course = .clones(5)
    let orders = ElsewherePlan.orders(of: plan, workers: 4)
    #expect(names(orders) == ["s:a,b,c"] && orders[0].rounds == 1...5 && orders[0].seconds == 15)
  }

  @Test("a seed gives the same order of cases as on one host", arguments: [1, 2, 3, 4, 5] as [UInt64])
  func seeds(_ seed: UInt64) async throws {
    var cases = ["a", "b", "c", "d", "e", "f", "g"].map { Case(name: $0, run: [$0]) }
    cases[5].fresh = true
    var plan = try ScriptedRun.plan(cases)
    plan.settings.shuffleSeed = seed
    let here = try await ScriptedRun.go(plan, on: ScriptedHost()).results.map(\.name).filter { $0 != "f" }
    let orders = try ElsewherePlan.orders(of: plan, workers: 2).map(ElsewherePlan.sent)
    let there = try #require(orders.first { $0.cases > 1 })
    let worker = Plan(
      suites: there.parts.map(\.planned), settings: there.settings.applied(to: plan.settings, forks: false))
    let run = try await ScriptedRun.go(worker, on: ScriptedHost())
    #expect(run.results.map(\.name) == here && Set(here).count == 6)
  }

  @Test("what a worker plans is what was planned here")
  func roundTrip() throws {
    let modules = [ModuleLoad(name: "dax", path: "/lib/dax.ko", parameters: "x=1 y=\"a b\"", isOptional: true)]
    var plan = try ScriptedRun.plan(
      ["a", "b"].map { Case(name: $0, run: [$0, "\u{0}ä$(x)"]) }, setup: [["mkdir", "/x y"]], modules: modules,
      caseModules: ["a": modules, "b": []])
    plan.suites[0].kernel = ScriptedRun.kernel("CONFIG_LOCKDEP=y\nCONFIG_X=m\n")
    plan.suites[0].commandLine.set("x", "a b")
    plan.settings.shuffleSeed = .max
    plan.settings.functionPlugin = "/p.so"
    plan.settings.clock = .instructions
    plan.settings.load = GuestLoad()
    plan.settings.isolatesCases = true
    plan.settings.course = RunCourse(failFast: true, retries: 2)
    let order = ElsewherePlan.orders(of: plan, workers: 1)[0]
    let sent = try ElsewherePlan.sent(order)
    #expect(sent == order)
    let (here, there) = (plan.suites[0], sent.parts[0].planned)
    #expect(there.suite == here.suite && there.initramfs == here.initramfs && there.commandLine == here.commandLine)
    #expect(there.modules == here.modules && there.caseModules == here.caseModules)
    #expect(Set(there.cases.map(\.test.name)) == ["a", "b"] && there.cases.allSatisfy { $0.skip == nil })
    #expect(there.kernel.label == here.kernel.label && there.kernel.imagePath == here.kernel.imagePath)
    #expect(there.kernel.identity == here.kernel.identity && there.kernel.release == here.kernel.release)
    #expect(there.kernel.config?.isEnabled("LOCKDEP") == true && there.kernel.config?.isEnabled("X") == false)
    let settings = sent.settings.applied(to: RunSettings(accelerator: .tcg), forks: false)
    #expect(settings.functionPlugin == "/p.so" && settings.clock == .instructions && settings.load == GuestLoad())
    #expect(settings.isolatesCases && settings.course == plan.settings.course && settings.accelerator == .tcg)
    #expect(order.files == ["/k/vmlinux", "/i.cpio", "/p.so"])
  }

  @Test("files get other names, and nothing else changes")
  func files() throws {
    struct Missing: Error {}
    let order = ElsewherePlan.orders(of: try matrix())[0]
    let moved = order.withFiles { "files\($0)" }
    #expect(moved.files == ["files/k/vmlinux", "files/i.cpio"])
    #expect(moved.withFiles { String($0.dropFirst(5)) } == order)
    #expect(throws: Missing.self) { try order.withFiles { _ in throw Missing() } }
  }

  @Test(
    "what it takes of a host is the guest's and QEMU's, and limits are those of a host without KVM unless one is needed"
  )
  func needs() throws {
    var test = Case(name: "a", run: ["a"])
    test.timeout = .seconds(100)
    var plan = try ScriptedRun.plan([test])
    plan.suites[0].suite.guest.memory = .gibibytes(2)
    plan.suites[0].suite.guest.cpus = 3
    let any = ElsewherePlan.orders(of: plan)[0]
    #expect(any.needs == GroupOrder.Needs(memory: (2 << 30) + (256 << 20), processors: 3))
    // A limit may grow fourfold; two boots for the guest, and two for the case.
    #expect(any.mostSeconds == 4 * 100 * 5 + 4 * 30 * 5)
    let kvm = ElsewherePlan.orders(of: plan, needsKVM: true)[0]
    #expect(kvm.needs.kvm && kvm.mostSeconds == 4 * 100 + 4 * 30)
  }
}
