import Foundation
import TestGate
import Testing

@testable import GuestProtocol
@testable import KTestHarness
@testable import KTestValues

@Suite("Who tells of a night")
struct NightTellerTests {
  private func plan(pages: String? = nil, mail: NightPlan.Mail? = nil) -> NightPlan {
    var plan = NightPlan(name: "linux-mm", kernels: [], suites: [])
    (plan.pages, plan.mail) = (pages, mail)
    return plan
  }

  @Test("pages are written where the plan wants them, with the night that has just ended")
  func pages() async throws {
    let place = try SessionFixture()
    let fixture = PageFixture(state: place.places.stateDirectory, nights: 2)
    try fixture.write()
    let folder = "\(place.tree.path)/public"
    #expect(PageTeller().isWanted(by: plan(pages: folder)) && !PageTeller().isWanted(by: plan()))
    // Its record is not on the disk yet.
    let record = PageFixture(state: "", nights: 3).record(2)
    try await PageTeller().tell(
      of: record, try NightOrder(plan(pages: folder), in: place.session), in: place.session)
    let morning = try String(contentsOfFile: folder + "/index.html", encoding: .utf8)
    #expect(morning.contains(record.id) && PageCheck(folder).faults == [])
  }

  @Test("a mail is written once a night, and only if something changed")
  func mail() async throws {
    let place = try SessionFixture()
    let fixture = PageFixture(state: place.places.stateDirectory, nights: 3)
    try fixture.writeNight(0)
    let file = "\(place.tree.path)/mail.txt"
    let plan = plan(mail: .init(to: ["mm-ci@example.org"], way: .file(file)))
    let teller = MailTeller(clock: { WallTime(milliseconds: 1_766_974_500_000) })
    let order = try NightOrder(plan, in: place.session)
    #expect(teller.isWanted(by: plan) && !teller.isWanted(by: self.plan()))
    try await teller.tell(of: fixture.record(1), order, in: place.session)
    #expect(!FileManager.default.fileExists(atPath: file))
    var last = fixture.record(2)
    try await teller.tell(of: last, order, in: place.session)
    let text = try String(contentsOfFile: file, encoding: .utf8)
    #expect(text.contains("\nSubject: [ktest] linux-mm") && text.contains("NEW FAILURES (2)"))
    try FileManager.default.removeItem(atPath: file)
    last.wasTold = true
    try await teller.tell(of: last, order, in: place.session)
    #expect(!FileManager.default.fileExists(atPath: file))
  }

  @Test("what a plan asks for is written when the night is over, in one report for all its runs", .gated())
  func everything() async throws {
    let place = try NightPlace(["a", "b"]) { version, request in
      version >= 3 && request.name == "b" ? GuestScript.failing(request) : nil
    }
    var plan = place.plan()
    (plan.pages, plan.kcidb) = (place.tree.path + "/public", place.tree.path + "/kcidb.json")
    plan.mail = .init(to: ["mm-ci@example.org"], way: .file(place.tree.path + "/mail.txt"))
    let tellers: [any NightTeller] = [PageTeller(), MailTeller(), KCIDBTeller()]
    for day in 0..<4 {
      place.kernels.set(version: day)
      _ = try await place.job(plan, day: day, tellers: tellers).perform(on: place.host)
    }
    #expect(place.display.notices.filter { $0.contains("cannot") } == [])
    #expect(PageCheck(place.tree.path + "/public").faults == [])
    let morning = try String(contentsOfFile: place.tree.path + "/public/index.html", encoding: .utf8)
    #expect(morning.contains(">New failures ") && morning.contains(">s:b:it</a>"))
    #expect(try String(contentsOfFile: place.tree.path + "/mail.txt", encoding: .utf8).contains("NEW FAILURES (1)"))
    let report = try JSONDecoder().decode(
      [String: [Named]].self, from: Self.lists(of: place.tree.path + "/kcidb.json"))
    let night = try #require(NightFiles(state: place.state).records.last)
    // The new kernel and the good one, each once, although b ran on them several times.
    #expect(report["builds"]?.count == 2 && night.runs.count > 2)
    #expect(report.allSatisfy { Set($0.value.map(\.id)).count == $0.value.count })
    #expect(report["issues"]?.count == 1 && (report["incidents"]?.count ?? 0) > 1)
  }

  private struct Named: Decodable { var id: String }

  /// The report without its version.
  private static func lists(of file: String) throws -> Data {
    let report = try JSONSerialization.jsonObject(with: Data(contentsOf: URL(filePath: file))) as? [String: Any]
    return try JSONSerialization.data(withJSONObject: (report ?? [:]).filter { $0.value is [Any] })
  }

  @Test("whoever cannot tell costs a message, and nothing of the night", .gated())
  func failing() async throws {
    let place = try NightPlace(["a"]) { version, request in version >= 3 ? GuestScript.failing(request) : nil }
    for day in 0..<3 { try await place.night(day) }
    // Files of others, a program that is not there, and a full disk, which writes like a device that is full.
    try place.tree.put("public/index.html", "mine")
    try place.tree.put("file", "no directory")
    var plan = place.plan()
    (plan.pages, plan.kcidb) = (place.tree.path + "/public", place.tree.path + "/file/kcidb.json")
    plan.mail = .init(to: ["mm-ci@example.org"], way: .sendmail(place.tree.path + "/no-sendmail"))
    place.kernels.set(version: 3)
    let tellers: [any NightTeller] = [FullDisk(), PageTeller(), MailTeller(), KCIDBTeller()]
    let night = try await place.job(plan, day: 3, tellers: tellers).perform(on: place.host)
    #expect(night.state == .complete && night.words == ["newFailure s:a:it"])
    let notices = place.display.notices
    for word in ["No space left on device", "/public has files", "no-sendmail", "/file/kcidb.json"] {
      #expect(notices.count { $0.contains(word) } == 1, "\(word): \(notices)")
    }
    let record = try place.archive.record(of: night.id)
    #expect(record?.state == .complete && record?.wasTold == true && record?.words == night.words)
  }

  private struct FullDisk: NightTeller {
    func isWanted(by plan: NightPlan) -> Bool { true }
    func tell(of night: NightRecord, _ order: NightOrder, in session: Session) async throws {
      throw PageProblem.unwritable(path: "index.html", errno: ENOSPC)
    }
  }

  @Test("a mail is handed to a program, which may refuse it", .gated())
  func sendmail() async throws {
    let place = try SessionFixture()
    let mail = NightMail(PageFixture(state: "", nights: 3).record(2))
    let program = try place.tree.put("sendmail", "#!/bin/sh\necho \"$@\" >\"$0.arguments\"\ncat >\"$0.message\"\n")
    let refusing = try place.tree.put("refusing", "#!/bin/sh\ncat >/dev/null\necho no such user >&2\nexit 67\n")
    for path in [program, refusing] {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }
    let time = WallTime(milliseconds: 1_766_974_500_000)
    try await mail.send(to: ["mm-ci@example.org"], at: time, program: program)
    #expect(try String(contentsOfFile: program + ".arguments", encoding: .utf8) == "-t -i\n")
    #expect(
      try String(contentsOfFile: program + ".message", encoding: .utf8)
        == mail.message(to: ["mm-ci@example.org"], at: time))
    await #expect(throws: MailProblem.refused("no such user")) {
      try await mail.send(to: ["mm-ci@example.org"], at: time, program: refusing)
    }
  }
}
