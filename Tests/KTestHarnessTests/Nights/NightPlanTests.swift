import Foundation
import Testing

@testable import KTestValues

@Suite struct NightPlanTests {
  private func read(_ text: String) -> (plan: NightPlan?, messages: [String]) {
    let (plan, diagnostics) = NightPlan.read(bytes: Array(text.utf8), file: "n.yaml")
    return (plan, diagnostics.map { "\($0.line ?? 0):\($0.column ?? 0): \($0.message)" })
  }

  @Test func aWholePlanIsRead() throws {
    let (plan, messages) = read(
      """
      night: mm
      kernels:
        - debian:6.12-cloud
        - {name: mm, tree: ../linux, branch: mm-unstable, remote: akpm, base: defconfig, fragments: [a.config], for: [hmm-tests]}
        - kernel: ../linux@v6.12
      suites:
        - device-dax
        - {suite: mm, cases: [cow, "hugetlb-*"], cells: [thp=madvise], tags: [thp], set: {ndctl: 5}, kernels: [mm]}
      budget: {time: 90m, runs: 7, searches: 0}
      drills: {every: 3, patches: [a.patch], kernel: mm}
      labs: [{name: other, results: other/nipa}]
      excuses: excuses.yaml
      pages: pages
      mail: {to: [a@example.org], sendmail: /usr/sbin/sendmail}
      kcidb: k.json
      """)
    #expect(messages == [])
    var wanted = NightPlan(
      name: "mm",
      kernels: [
        .init(name: "debian:6.12-cloud", source: .named("debian:6.12-cloud")),
        .init(
          name: "mm", source: .branch(tree: "../linux", remote: "akpm", branch: "mm-unstable"), base: "defconfig",
          fragments: ["a.config"], configuredFor: ["hmm-tests"]),
        .init(name: "../linux@v6.12", source: .named("../linux@v6.12")),
      ],
      suites: [
        .init(name: "device-dax"),
        .init(
          name: "mm", cases: ["cow", "hugetlb-*"], cells: ["thp=madvise"], tags: ["thp"], parameters: ["ndctl": "5"],
          kernels: ["mm"]),
      ], budget: .init(time: .seconds(5400), runs: 7, searches: 0))
    wanted.drills = NightPlan.Drills(every: 3, patches: ["a.patch"], kernel: "mm")
    wanted.labs = [NightPlan.Lab(name: "other", results: "other/nipa")]
    (wanted.excuses, wanted.pages, wanted.kcidb) = ("excuses.yaml", "pages", "k.json")
    wanted.mail = NightPlan.Mail(to: ["a@example.org"], way: .sendmail("/usr/sbin/sendmail"))
    #expect(plan == wanted)
  }

  @Test func aShortPlanHasABudget() {
    let plan = read("night: a\nkernels: [k]\nsuites: [s]\n").plan
    #expect(plan?.budget == NightPlan.Budget(time: .seconds(28_800), runs: 100, searches: 1))
  }

  @Test(
    "every mistake has its place",
    arguments: [
      ("kernels: [k]\nsuites: [s]\n", ["1:1: a night needs the key 'night'"]),
      (
        "night: a\nkernels: [k]\nsuites: [s]\nlabs: [{name: x, results: y}, {name: x, results: z}, {name: q}]\n",
        ["4:31: two labs have the name 'x'", "4:54: a lab needs the key 'results'"]
      ),
      (
        "night: a\nkernels: [k]\nsuites: [s]\ndrills: {patches: [p]}\n",
        ["4:9: no kernel of the plan has a tree, so no bug can be planted"]
      ),
      (
        "night: a\nkernels: [k, {tree: t, branch: b}]\nsuites: [s]\ndrills: {patches: [p], kernel: k}\n",
        ["4:32: the plan has no kernel 'k' with a tree"]
      ),
      (
        "night: a\nkernel: [k]\nsuites: [s]\n",
        ["1:1: a night needs the key 'kernels'", "2:1: unknown key 'kernel' in a night; did you mean 'kernels'?"]
      ),
      (
        "night: A b\nkernels: [k]\nsuites: [s]\n",
        ["1:8: a night's name must consist of [a-z0-9-] and start with one of [a-z0-9], found 'A b'"]
      ),
      (
        "night: a\nkernels: []\nsuites: []\n",
        ["2:10: there is no kernel; name at least one", "3:9: there is no suite; name at least one"]
      ),
      ("night: a\nkernels: [k, k]\nsuites: [s]\n", ["2:14: two kernels have the name 'k'"]),
      ("night: a\nkernels: [{tree: t}]\nsuites: [s]\n", ["2:11: a tree needs the key 'branch'"]),
      ("night: a\nkernels: [{kernel: k, branch: b}]\nsuites: [s]\n", ["2:23: branch belongs to a tree"]),
      (
        "night: a\nkernels: [{kernel: k, tree: t, branch: b}]\nsuites: [s]\n",
        ["2:23: a kernel of a night has 'kernel' or 'tree', not both"]
      ),
      ("night: a\nkernels: [{name: x}]\nsuites: [s]\n", ["2:11: a kernel of a night needs the key 'kernel' or 'tree'"]),
      (
        "night: a\nkernels: [linux]\nsuites: [{suite: s, kernels: [linus]}]\n",
        ["3:31: the plan has no kernel 'linus'; did you mean 'linux'?"]
      ),
      ("night: a\nkernels: [k]\nsuites: [{suite: s, cells: [thp]}]\n", ["3:29: expected AXIS=VALUE, found 'thp'"]),
      (
        "night: a\nkernels: [k]\nsuites: [s]\nbudget: {time: 8}\n",
        ["4:16: the duration '8' has no unit; did you mean '8s'?"]
      ),
      (
        "night: a\nkernels: [k]\nsuites: [s]\nbudget: {runs: -1}\n",
        ["4:16: expected a whole number (0 to 10000), found '-1'"]
      ),
      ("night: a\nkernels: [k]\nsuites: [s]\nmail: {to: [x]}\n", ["4:7: the mail goes nowhere"]),
      (
        "night: a\nkernels: [k]\nsuites: [s]\nmail: {to: [x], file: f, sendmail: s}\n",
        ["4:36: the mail has a file and a program; give one of them"]
      ),
    ])
  func mistakes(_ text: String, _ messages: [String]) {
    let read = read(text)
    #expect(read.plan == nil)
    #expect(read.messages == messages)
  }

  @Test func theSchemaAndTheReaderHaveTheSameKeys() {
    for shape in [NightSchema.night, NightSchema.kernel, NightSchema.suite, NightSchema.budget, NightSchema.mail] {
      for field in shape.fields {
        #expect(!field.doc.isEmpty && !field.example.isEmpty)
        let (node, diagnostics) = YAMLReader.read(bytes: Array("x: \(field.example)\n".utf8), file: "x")
        #expect(node != nil && diagnostics.isEmpty, "\(shape.name).\(field.key): \(field.example)")
      }
    }
    #expect(NightSchema.json.contains("\"ktest night\""))
  }
}

@Suite("The shipped plan of a night")
struct ShippedNightTests {
  @Test func canBeRead() throws {
    let bytes = try #require(FileManager.default.contents(atPath: "\(Document.root)/examples/night.yaml"))
    let (plan, diagnostics) = NightPlan.read(bytes: Array(bytes), file: "night.yaml")
    #expect(diagnostics.isEmpty && plan?.kernels.count == 2 && plan?.suites.count == 3)
  }
}
