import KTestHost
package import KTestValues

/// Writes the pages of the plan.
package struct PageTeller: NightTeller {
  package init() {}

  package func isWanted(by plan: NightPlan) -> Bool { plan.pages != nil }

  package func tell(of night: NightRecord, _ order: NightOrder, in session: Session) async throws {
    guard let directory = order.plan.pages else { return }
    let state = session.places.stateDirectory
    let excuses = try order.plan.excuses.map { try readExcuses(at: $0) } ?? readExcuses(in: state)
    var nights = NightFiles(state: state)
    nights.add(night)
    let outcome = try await writePages(
      PageOrder(state: state, directory: directory, nights: nights, excuses: excuses))
    for (name, reason) in outcome.unreadable.sorted(by: { $0.key < $1.key }) {
      session.display.notice("\(name) is not on the pages: \(reason)")
    }
  }
}

/// Writes or sends the mail of the plan, if there is something to tell.
package struct MailTeller: NightTeller {
  private let clock: @Sendable () -> WallTime

  package init(clock: @escaping @Sendable () -> WallTime = WallTime.now) { self.clock = clock }

  package func isWanted(by plan: NightPlan) -> Bool { plan.mail != nil }

  package func tell(of night: NightRecord, _ order: NightOrder, in session: Session) async throws {
    // A night that was killed behind its mail does not tell twice.
    guard let plan = order.plan.mail, !night.wasTold else { return }
    let former = NightFiles(state: session.places.stateDirectory).former(of: night)
    let mail = NightMail(night, former: former)
    guard mail.isNews else { return }
    switch plan.way {
    case .file(let path):
      let message = try mail.message(to: plan.to, at: clock())
      do { try DurableFile.write(Array(message.utf8), to: path) } catch {
        throw MailProblem.unwritable(path: path, reason: error.reason)
      }
    case .sendmail(let program): try await mail.send(to: plan.to, at: clock(), program: program)
    }
  }
}

/// Writes the results of the night for KCIDB.
package struct KCIDBTeller: NightTeller {
  private let origin: KCIDBOrigin

  package init(origin: KCIDBOrigin = .ktest) { self.origin = origin }

  package func isWanted(by plan: NightPlan) -> Bool { plan.kcidb != nil }

  package func tell(of night: NightRecord, _ order: NightOrder, in session: Session) async throws {
    guard let path = order.plan.kcidb else { return }
    var report = KCIDBRuns()
    // What fails on a kernel with a planted bug is no news of that kernel.
    for run in night.runs where run.purpose != .drill {
      do {
        let journal = try readJournal(at: "\(session.places.stateDirectory)/runs/\(run.id)")
        report.add(journal.summary, manifest: journal.manifest, origin: origin)
      } catch { session.display.notice("\(run.id) is not in the report for KCIDB: \(error)") }
    }
    try DurableFile.write(Array(report.text.utf8), to: path)
  }
}
