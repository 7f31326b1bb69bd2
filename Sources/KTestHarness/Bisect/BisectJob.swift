import Foundation
import KTestValues

/// A search from its order, or from its record, to its report.
package struct BisectJob: Sendable {
  let session: Session
  let files: SearchFiles
  let suite: SuiteFile
  let imported: [Evidence]
  let tell: SearchNews.Sink

  /// Begins a search. Everything that can be refused is refused here, before a compiler or a guest is started.
  package init(_ order: SearchOrder, in session: Session, tell: @escaping SearchNews.Sink) async throws {
    let test = try BisectTest(
      try session.suite(order.test).given(order.settings), decidesAxes: order.variesCommandLine)
    let header = try await BisectHeader(order, test, in: session)
    let imported = try order.gitLog.map(BisectJob.evidence) ?? []
    try BisectJob.checkSpace(header, session.places)
    var kept = ["suite.yaml": test.file.bytes]
    if !imported.isEmpty { kept["imported.json"] = try SearchFiles.encoded(imported) }
    kept["differences.json"] = try BisectDifferences(order.space).map { try SearchFiles.encoded($0) }
    let files = try SearchFiles(creatingIn: session.places.stateDirectory, header: header, files: kept)
    self.init(session: session, files: files, suite: test.file, imported: imported, tell: tell)
  }

  /// Goes on with a search that an earlier process began.
  ///
  /// - Parameter name: `latest`, the search's name or its beginning, or a path.
  package init(resuming name: String, in session: Session, tell: @escaping SearchNews.Sink) throws {
    let directory = try findSearch(name, in: session.places.stateDirectory)
    try self.init(try SearchFiles(reopening: directory), in: session, tell: tell)
  }

  /// A search whose record is there: one that is resumed, or one that another search leads to.
  init(_ files: SearchFiles, in session: Session, tell: @escaping SearchNews.Sink) throws {
    let header = files.header
    let file = try session.suite(at: files.directory + "/suite.yaml", cases: header.selection.map { [$0] } ?? [])
    self.init(
      session: session, files: files,
      suite: try BisectTest(try file.given(header.settings), decidesAxes: header.decidesAxes).file,
      imported: try files.load("imported.json") ?? [], tell: tell)
  }

  private init(
    session: Session, files: SearchFiles, suite: SuiteFile, imported: [Evidence], tell: @escaping SearchNews.Sink
  ) {
    // Runs of a resumed search name the command line that began it.
    self.session = Session(
      places: session.places, arguments: files.header.arguments, display: session.display, kernels: session.kernels)
    (self.files, self.suite, self.imported, self.tell) = (files, suite, imported, tell)
  }

  /// The name that `--resume` takes.
  package var name: String { files.name }

  /// The options of the search's guests, from its record.
  package var guests: GuestOptions {
    var guests = GuestOptions()
    guests.accel = GuestOptions.Accel(rawValue: files.header.accel) ?? .auto
    (guests.connect, guests.timeFactor) = (files.header.connect, files.header.timeFactor)
    return guests
  }

  /// Searches to the end, writes the report and what goes with it into the search's directory, and returns the report.
  ///
  /// - Parameter host: a process opens libvirt's embedded driver once, so a search that this one leads to shares it.
  package func perform(on host: OpenHost) async throws -> BisectReport {
    if let notice = host.notice { tell(.note(notice)) }
    return try await SearchContext(self, on: host).search(taking: imported)
  }

  /// The statements in the output of `git bisect log`. A run can overrule them.
  private static func evidence(of path: String) throws -> [Evidence] {
    let text = try readInput(path)
    do {
      return try GitBisectLog(parsing: text).evidence
    } catch { throw Failure(.usage, "\(path): \(error)") }
  }

  /// A disk that fills up half way costs hours. Measured: a checkout has 1.5 GiB, a build directory 0.4 GiB, each kernel
  /// that is kept some 30 MiB.
  private static func checkSpace(_ header: BisectHeader, _ places: Places) throws {
    switch header.space {
    case .builds, .commandLine: return
    case .commits, .configuration: break
    }
    var folder = places.cacheDirectory
    while !FileManager.default.fileExists(atPath: folder), folder != "/" {
      folder = URL(filePath: folder).deletingLastPathComponent().path
    }
    var disk = statvfs()
    guard statvfs(folder, &disk) == 0 else { return }
    let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    guard free < 4 << 30 else { return }
    throw Failure(
      .host,
      "\(folder) has \(free >> 20) MiB free, and a search over builds needs 4 GiB: free some space, or put the cache "
        + "elsewhere with --cache DIR")
  }
}
