import FoundationEssentials
import KTestHost
import KTestValues

/// One host of ``SSHFleet``: what it is, what it has, and whether it answers.
actor SSHWorker {
  nonisolated let link: SSHLink
  nonisolated var host: SSHHosts.Host { link.host }
  /// What ``HostReport`` says, as far as a choice needs it; nil while unknown.
  private(set) var report: Report?
  /// Since when it does not answer.
  private(set) var silentSince: ContinuousClock.Instant?
  /// Why it is not used at all.
  private(set) var unfit: String?
  /// What each run tells of it although it is used; nil for nothing.
  private var remark: String?
  /// The path of ktest there.
  private var program = ""
  /// Its name among the files, if it was sent.
  private var sentProgram: String?
  /// What the last look could not bring, in rsync's words; nil for nothing.
  private(set) var unbrought: String?
  /// When the files that it has were used last.
  private var sent: [String: ContinuousClock.Instant] = [:]
  private let patience: Duration
  /// The slots that attempts have, of all runs.
  private var taken = 0

  var free: Int { max(0, host.slots - taken) }
  var isSilentAndIdle: Bool { silentSince != nil && taken == 0 }

  /// Takes as many slots as are free, and returns their number.
  func take(_ wanted: Int) -> Int {
    let given = min(wanted, free)
    taken += given
    return given
  }

  func giveBack(_ count: Int = 1) { taken = max(0, taken - count) }

  struct Report: Decodable, Sendable {
    var ktest: String
    var time: Int
    var machine: Machine
    var guests: Guests
    struct Machine: Decodable, Sendable { var memory: UInt64 }
    struct Guests: Decodable, Sendable {
      var qemu: String?
      var kvm: Bool
    }
  }

  init(_ link: SSHLink, patience: Duration) { (self.link, self.patience) = (link, patience) }

  private var directory: String { host.directory }
  nonisolated func place(of run: String) -> String { "\(host.directory)/\(run)" }

  /// Whether it has been silent for too long.
  var isLost: Bool { silentSince.map { ContinuousClock.now - $0 > patience } ?? false }
  var isUsable: Bool { unfit == nil && silentSince == nil && report != nil }

  /// Sends ktest if need be, and asks the host what it has.
  ///
  /// - Parameters:
  ///   - program: the path of this ktest.
  ///   - files: where files by content are made from local ones.
  ///   - version: of this ktest.
  /// - Returns: a sentence about what is not as it should be.
  func prepare(program own: String, files: SharedFiles, version: String) async throws -> String? {
    // One that was not fit for the last run may be for this one.
    if report != nil, unfit == nil { return remark }
    (unfit, remark) = (nil, nil)
    do {
      try await link.run([
        "mkdir", "-p", "--", "\(directory)/\(WorkFolder.files)", "\(directory)/\(WorkFolder.uses)",
      ])
      if let given = host.ktest {
        program = given
      } else {
        let name = try files.add(own)
        try await noteUse(of: [name])
        try await send([name], from: files)
        (program, sentProgram) = ("\(directory)/\(name)", name)
      }
      // What a worker does not need, a compiler for example, makes doctor fail.
      let text = try await link.run([path(program), "doctor", "--format", "json"], mayFail: true)
      let report = try JSONDecoder().decode(Report.self, from: Data(text.utf8))
      self.report = report
      if report.ktest != version {
        unfit = "it has ktest \(report.ktest), and this is \(version)"
      } else if report.guests.qemu == nil {
        unfit = "it gives no guests; see 'ktest doctor' there"
      }
    } catch let failure as SSHLink.Failed {
      unfit = failure.description
    } catch is DecodingError {
      unfit = "its ktest does not say what the host has; is it ktest \(version)?"
    }
    if let unfit { return "\(host.name) is not used: \(unfit)" }
    guard let report else { return nil }
    let ahead = report.time - Int(Date.now.timeIntervalSince1970)
    guard abs(ahead) >= 60 else { return nil }
    remark =
      "the clock of \(host.name) is \(abs(ahead)) s \(ahead > 0 ? "ahead" : "behind"); results have this host's time"
    return remark
  }

  /// A path below the home directory, where commands start, or an absolute one.
  private func path(_ text: String) -> String { text.hasPrefix("/") ? text : "./\(text)" }

  /// Says that files are used, which must come before the look whether the host has them: what nobody uses is removed.
  private func noteUse(of names: [String]) async throws {
    for start in stride(from: 0, to: names.count, by: 200) {
      let uses = names[start..<min(names.count, start + 200)].map { "\(directory)/\(SharedFiles.use(of: $0))" }
      try await link.run(["touch", "--"] + uses)
    }
  }

  /// Sends files by their names below the root of `files`, unless the host has them.
  private func send(_ names: some Sequence<String>, from files: SharedFiles) async throws {
    for name in names {
      // After some hours others may have removed it.
      if let last = sent[name], ContinuousClock.now - last < .seconds(3600) {
        sent[name] = .now
        continue
      }
      try await link.send("\(files.root)/\(name)", to: "\(directory)/\(WorkFolder.files)", keeps: true)
      sent[name] = .now
    }
  }

  /// Sends the folder of a batch with the files that it needs, and starts its workers, which do not end with the connection.
  ///
  /// - Parameters:
  ///   - folder: the local one.
  ///   - names: of the files, below the root of `files`.
  func start(
    _ batch: Int, of run: String, from folder: String, indexes: [Int], with names: [String], in files: SharedFiles
  ) async throws {
    let place = place(of: run)
    // The time of the mark stays that of the run's begin.
    try await link.run([
      "mkdir", "-p", "--", "\(place)/\(batch)", "&&", "touch", "-a", "--", "\(place)/\(WorkFolder.mark)",
    ])
    try await noteUse(of: names + [sentProgram].compactMap(\.self))
    try await send(names, from: files)
    try await link.send("\(folder)/", to: "\(place)/\(batch)")
    for index in indexes {
      let attempt = "\(place)/\(batch)/\(index)"
      // The shell there redirects: the connection must not stay open for the worker.
      try await link.run([
        "setsid", "--fork", path(program), "work", "--", path(attempt), "</dev/null", ">\(attempt)/log", "2>&1",
      ])
    }
  }

  /// Brings what the host has of a run. Returns the attempts whose workers live; nil if it does not answer.
  func look(at run: String, to local: String) async -> Set<String>? {
    do {
      // In this order: a worker that was not alive has written all that it will.
      let living = try await link.run([path(program), "work", "--living", "--", path(place(of: run))])
      unbrought = try await link.bring(place(of: run), to: local)
      silentSince = nil
      return Set(living.split(separator: "\n").map(String.init))
    } catch let failure as SSHLink.Failed where !failure.isConnection {
      // It answers, and has nothing of the run.
      silentSince = nil
      return []
    } catch {
      // Whoever is cancelled has not waited for the answer.
      if silentSince == nil, !Task.isCancelled { silentSince = .now }
      return nil
    }
  }

  /// Asks workers of a run to end: that of one attempt, or all.
  func stop(_ run: String, _ attempt: String? = nil) async {
    let only = attempt.map { ["--only", $0] } ?? []
    _ = try? await link.run([path(program), "work", "--stop"] + only + ["--", path(place(of: run))])
  }

  /// Ends all workers of a run and removes its folder. Returns false if the host does not answer.
  func remove(_ run: String) async -> Bool {
    do {
      try await link.run([path(program), "work", "--remove", "--", path(place(of: run))])
      return true
    } catch {
      // A host that has nothing of the run says so.
      return (error as? SSHLink.Failed)?.isConnection == false
    }
  }
}
