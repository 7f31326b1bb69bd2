import Glibc
import KTestHost

/// All work of one run on one host, `ROOT/RUN`, for whoever looks after it from there.
package struct WorkRun: Sendable {
  package var path: String

  /// - Throws: ``WorkProblem/notARun(path:)``.
  package init(_ path: String) throws {
    guard HostFiles.exists("\(path)/\(WorkFolder.mark)") else { throw WorkProblem.notARun(path: path) }
    self.path = path
  }

  /// Makes the folder of a run, which nobody else may have.
  static func make(_ path: String) throws {
    try HostFiles.makeDirectory(Paths.parent(path), mode: 0o700)
    guard mkdir(path, 0o700) == 0 else { throw FileProblem.failed(path: path, errno: errno) }
    do { try DurableFile.write([], to: "\(path)/\(WorkFolder.mark)") } catch {
      rmdir(path)
      throw error
    }
  }

  private var attempts: [(name: String, folder: WorkFolder)] {
    HostFiles.names(in: path).filter { Int($0) != nil }.flatMap { batch in
      HostFiles.names(in: "\(path)/\(batch)").filter { Int($0) != nil }.map { index in
        ("\(batch)/\(index)", WorkFolder("\(path)/\(batch)/\(index)"))
      }
    }
  }

  /// The attempts whose workers are processes of this host, `BATCH/INDEX`.
  package var living: [String] {
    attempts.filter { $0.folder.readStart()?.process.isAlive == true }.map(\.name).sorted()
  }

  /// Asks workers on this host to end: that of one attempt, or all.
  package func stop(only attempt: String? = nil) {
    for (name, folder) in attempts where attempt == nil || attempt == name { folder.readStart()?.process.stop() }
  }

  /// Ends all workers and removes the folder when they are gone: what they still write would make it again. Then files that
  /// nobody has used for long go, too.
  package func remove() async {
    stop()
    for turn in 0..<300 where !living.isEmpty {
      // A worker ends its guest within seconds.
      if turn == 250 { for (_, folder) in attempts { folder.readStart()?.process.stop(SIGKILL) } }
      try? await Task.sleep(for: .milliseconds(100))
    }
    HostFiles.remove(path)
    SharedFiles(root: Paths.parent(path)).removeUnused()
  }
}
