import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("What doctor finds")
struct HostExaminationTests {
  @Test func namesThePackageOfAProgramThatIsMissing() throws {
    let tree = try TemporaryTree()
    for name in ["cc", "dpkg-deb", "apt-get", "strip", "xz"] {
      let file = try tree.put("bin/\(name)", "#!/bin/sh\n")
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
    }
    let all = HostFinding.tools(in: "/nowhere:\(tree.path)/bin")
    #expect(all == [HostFinding(.good, "tools: cc, dpkg-deb, apt-get, xz, strip")])
    try FileManager.default.removeItem(atPath: "\(tree.path)/bin/xz")
    let missing = HostFinding.tools(in: "/nowhere:\(tree.path)/bin")
    #expect(
      missing == [
        HostFinding(.bad, "no xz, which reads compressed modules; install it with 'apt-get install xz-utils'")
      ])
  }

  @Test func aMissingAgentIsBad() async throws {
    let fixture = try SessionFixture()
    var session = fixture.session
    session.places.agent = "/nowhere/ktest-agent"
    let found = Locked<[HostFinding]>([])
    // No libvirt answers there.
    let report = await session.examineHost(connect: "nosuchdriver:///") { finding in found.with { $0.append(finding) } }
    #expect(!report.good && report.findings.map(\.text) == found.with { $0.map(\.text) })
    #expect(found.with { $0 }.first?.text.contains("/nowhere/ktest-agent") == true)
    #expect(found.with { $0.contains { $0.kind == .bad && $0.text.contains("nosuchdriver") } })
  }

  @Test func aReportIsReadAsItWasWritten() throws {
    var report = HostReport(try SessionFixture().session.places)
    report.findings = [HostReport.Finding(kind: .note, text: "a \u{1B}[31m \"note\" /x")]
    #expect(try JSONDecoder().decode(HostReport.self, from: Data(report.json.utf8)) == report)
    #expect(report.machine.processors > 0 && report.machine.memory > report.machine.available)
    #expect(report.disk.state > 0 && report.disk.cache > 0 && !report.machine.name.isEmpty)
    #expect(!report.json.contains("\u{1B}"))
  }

  @Test func theFirstProcessorCounts() {
    let text = "processor\t: 0\nmodel name\t: A CPU: fast\nflags\t\t: lm fpu la57\n\nprocessor\t: 1\nflags\t\t: fpu\n"
    let processor = HostReport.processor(in: text)
    #expect(processor.model == "A CPU: fast" && processor.flags == ["fpu", "la57", "lm"])
    #expect(HostReport.processor(in: "") == ("", []))
  }
}
