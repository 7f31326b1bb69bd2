import Foundation
import Testing

@testable import KTestValues

@Suite("Flaky cases of a suite")
struct FlakyCaseTests {
  private static func suite(_ flaky: String, head: String = "") -> String {
    "suite: demo\n\(head)cases:\n  - name: a\n    run: [x]\n    flaky: \(flaky)\n"
  }

  @Test func areRead() throws {
    let short = try SuiteFixture.clean(Self.suite("{reason: a deadline}"))
    #expect(short.cases[0].flaky == FlakyCase(reason: "a deadline", retries: 1))
    let whole = try SuiteFixture.clean(Self.suite("{reason: a deadline, link: 'https://x/', retries: 9}"))
    #expect(whole.cases[0].flaky == FlakyCase(reason: "a deadline", link: "https://x/", retries: 9))
    #expect(try SuiteFixture.clean("suite: demo\ncases: [{name: a, run: [x]}]\n").cases[0].flaky == nil)
  }

  @Test(
    "and refused with their place",
    arguments: [
      ("{retries: 2}", "reason"), ("{reason: ' '}", "the reason is empty"), ("{reason: x, retries: 0}", "1"),
      ("{reason: x, retries: 10}", "9"), ("true", "mapping"), ("{reason: x, retrys: 1}", "retries"),
    ])
  func wrong(_ flaky: String, _ fragment: String) {
    let messages = SuiteFixture.messages(Self.suite(flaky))
    #expect(messages.count == 1 && messages[0].hasPrefix("5:") && messages[0].contains(fragment), "\(messages)")
  }

  @Test func belongToNoSelftest() {
    let text = Self.suite("{reason: x}", head: "kind: selftest\n") + "    selftest: {verdict: pass}\n"
    let messages = SuiteFixture.messages(text)
    #expect(messages.count == 1 && messages[0].hasPrefix("6:"), "\(messages)")
    #expect(messages.first?.hasSuffix(" a selftest must get its verdict each time") == true)
  }

  @Test("the case with ndctl's deadline is one")
  func shipped() throws {
    let root = #filePath.components(separatedBy: "/Tests/")[0]
    let text = try String(contentsOfFile: "\(root)/suites/device-dax.yaml", encoding: .utf8)
    let suite = try SuiteFixture.clean(text)
    #expect(suite.cases.filter { $0.flaky != nil }.map(\.name) == ["upstream"])
    #expect(suite.cases.first { $0.name == "upstream" }?.flaky?.retries == 2)
  }
}
