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
    let isGood = await session.examineHost(connect: "nosuchdriver:///") { finding in found.with { $0.append(finding) } }
    #expect(!isGood)
    #expect(found.with { $0 }.first?.text.contains("/nowhere/ktest-agent") == true)
    #expect(found.with { $0.contains { $0.kind == .bad && $0.text.contains("nosuchdriver") } })
  }
}
