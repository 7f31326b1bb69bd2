import Foundation
import TestGate
import Testing

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
