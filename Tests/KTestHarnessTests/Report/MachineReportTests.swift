import Foundation
import FoundationXML
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite struct MachineReportTests {
  @Test func json() throws {
    ReportGolden.expect(jsonReport(ReportSample.bad), is: "two-kernels.json")
    let back = try JSONDecoder().decode(RunSummary.self, from: Data(jsonReport(ReportSample.bad).utf8))
    #expect(back == ReportSample.bad)
  }

  @Test func ktap() {
    ReportGolden.expect(ktapReport(ReportSample.bad), is: "two-kernels.ktap")
    var interrupted = ReportSample.good
    interrupted.interrupted = true
    #expect(ktapReport(interrupted).hasSuffix("Bail out! The run was interrupted.\n"))
  }

  @Test func junit() throws {
    ReportGolden.expect(junitReport(ReportSample.bad), is: "two-kernels.xml")
    let counts = try JUnitCounts(junitReport(ReportSample.bad))
    #expect(counts.elements["testsuite"] == 2 && counts.elements["testcase"] == 9)
    #expect(counts.elements["failure"] == 3 && counts.elements["skipped"] == 4 && counts.elements["error"] == nil)
  }

  @Test func hostileTextIsStillWellFormed() throws {
    let xml = junitReport(ReportSample.hostile)
    let counts = try JUnitCounts(xml)
    #expect(counts.elements["testcase"] == 14 && counts.elements["error"] == 3)
    #expect(counts.messages.dropLast().allSatisfy { $0.contains("<&\"'>]]>\r\n") && $0.contains("é日本") })
    #expect(!xml.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" })

    let json = jsonReport(ReportSample.hostile)
    #expect(ReportSample.isHarmless(json))
    let back = try JSONDecoder().decode(RunSummary.self, from: Data(json.utf8))
    #expect(back.run == ReportSample.hostile.run && back.suites[0].cases.count == 6)

    var todo = ReportSample.bad
    todo.suites[0].cases[1].reason = "TODO # SKIP later"
    #expect(ktapReport(todo).contains("  not ok 2 align-2m # fail: TODO # SKIP later\n"))

    let ktap = ktapReport(ReportSample.hostile)
    #expect(ReportSample.isHarmless(ktap))
    let results = ktap.split(separator: "\n").filter {
      $0.drop { $0 == " " }.hasPrefix("ok ") || $0.contains("not ok ")
    }
    #expect(results.count == 6 * 2 + 1 + 2)
  }

  @Test func anEmptyRun() throws {
    let run = RunSummary(run: "r", verdict: .skip, seconds: 0, boots: [], suites: [])
    #expect(try JUnitCounts(junitReport(run)).elements == ["testsuites": 1])
    #expect(ktapReport(run) == "KTAP version 1\n1..0\n")
    #expect(jsonReport(run).contains("\"suites\": []"))
    let report = terminalReport(run, context: ReportContext(), style: .plain)
    #expect(report == "skip  no case has a verdict in 0.0 s\nrun r\n")
  }
}

/// What an XML parser that knows nothing of us finds.
private final class JUnitCounts: NSObject, XMLParserDelegate {
  var elements: [String: Int] = [:]
  var messages: [String] = []

  init(_ xml: String) throws {
    super.init()
    let parser = XMLParser(data: Data(xml.utf8))
    parser.delegate = self
    guard parser.parse() else { throw parser.parserError ?? CocoaError(.fileReadCorruptFile) }
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    elements[name, default: 0] += 1
    if let message = attributes["message"] { messages.append(message) }
  }
}
