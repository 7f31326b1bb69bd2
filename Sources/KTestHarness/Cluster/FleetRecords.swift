import KTestHost
import KTestValues

/// What runs of this state directory have under way on other hosts, so that the next ktest ends what a killed one left.
struct FleetRecords: Sendable {
  /// The folder of the records.
  var directory: String
  /// Where the runs' work is.
  var kind: FleetKind

  private struct Entry: Codable {
    var run: String
    /// The host of the process: several may have one state directory.
    var host: String?
    var owner: WorkProcess
    var kind: FleetKind
  }

  func begin(_ run: String) throws {
    guard let owner = WorkProcess() else { return }
    try HostFiles.makeDirectory(directory, mode: 0o700)
    try WorkFolder.write(
      Entry(run: run, host: FleetRecords.host, owner: owner, kind: kind), to: "\(directory)/\(run).json")
  }

  func end(_ run: String) { HostFiles.remove("\(directory)/\(run).json") }

  private static var host: String { HostFiles.smallText(of: "/proc/sys/kernel/hostname") ?? "" }

  /// Returns the runs of this host whose ktest is gone. What runs on another cannot be seen from here.
  static func leftovers(in directory: String) -> [(run: String, kind: FleetKind)] {
    HostFiles.names(in: directory).compactMap { name in
      guard let entry = WorkFolder.read(Entry.self, from: "\(directory)/\(name)"), entry.host == host,
        !entry.owner.isAlive
      else {
        return nil
      }
      return (entry.run, entry.kind)
    }
  }

  static func forget(_ run: String, in directory: String) { HostFiles.remove("\(directory)/\(run).json") }
}

/// Where groups run.
package enum FleetKind: Codable, Sendable, Equatable {
  /// Slurm, with a partition or its default, and a folder that its nodes have in common.
  case slurm(partition: String?, shared: String)
  case ssh(SSHHosts)
}
