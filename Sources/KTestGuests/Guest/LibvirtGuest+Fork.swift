internal import Foundation
internal import KTestHost

/// Stopping a guest and going on elsewhere, by QEMU's migration (docs/devel/migration.rst in QEMU 7.2). QEMU gets the
/// state's file as an open descriptor, because libvirt's sandbox lets it start no programs, and its user may open nothing.
extension LibvirtGuest {
  private static let ignoringMemory =
    #"{"execute": "migrate-set-capabilities", "arguments": {"capabilities": "#
    + #"[{"capability": "x-ignore-shared", "state": true}]}}"#
  /// How long to wait before QEMU is asked again, in microseconds. Its event has no way through libvirt 9.0.
  private static let pause: UInt32 = 1000

  /// Writes the state of the stopped guest into a new file.
  func writeState(to path: String, of domain: VirtDomain) throws {
    let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw GuestError.noFork("\(path): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    _ = try domain.askQEMU(#"{"execute": "stop"}"#, isQMP: true)
    _ = try domain.askQEMU(LibvirtGuest.ignoringMemory, isQMP: true)
    try domain.tellQEMU(#"{"execute": "getfd", "arguments": {"fdname": "state"}}"#, passing: file)
    _ = try domain.askQEMU(#"{"execute": "migrate", "arguments": {"uri": "fd:state"}}"#, isQMP: true)
    try waitForMigration(of: domain)
  }

  /// Reads the state of the template. The guest is then where the template was, and paused.
  func readState(of template: GuestTemplate, into domain: VirtDomain) throws {
    let file = open(template.state, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw GuestError.noFork("\(template.state): \(String(cString: strerror(errno)))") }
    defer { close(file) }
    _ = try domain.askQEMU(LibvirtGuest.ignoringMemory, isQMP: true)
    try domain.tellQEMU(#"{"execute": "getfd", "arguments": {"fdname": "state"}}"#, passing: file)
    _ = try domain.askQEMU(#"{"execute": "migrate-incoming", "arguments": {"uri": "fd:state"}}"#, isQMP: true)
    try waitForMigration(of: domain)
  }

  private func waitForMigration(of domain: VirtDomain) throws {
    while true {
      let answer = try domain.askQEMU(#"{"execute": "query-migrate"}"#, isQMP: true)
      switch MigrationStatus(answer) {
      case .completed: return
      case .failed(let reason): throw GuestError.noFork("QEMU says \(reason)")
      case .running: usleep(LibvirtGuest.pause)
      }
    }
  }
}

/// QEMU's answer to `query-migrate` (qapi/migration.json).
package enum MigrationStatus: Equatable, Sendable {
  case completed, running
  case failed(String)

  private struct Answer: Decodable {
    var `return`: Info

    struct Info: Decodable {
      var status: String?
      var errorDescription: String?

      enum CodingKeys: String, CodingKey {
        case status
        case errorDescription = "error-desc"
      }
    }
  }

  package init(_ answer: String) {
    guard let info = try? JSONDecoder().decode(Answer.self, from: Data(answer.utf8)).return else {
      self = .failed("something that is not an answer")
      return
    }
    switch info.status {
    case "completed": self = .completed
    case "failed", "cancelled", "cancelling": self = .failed(info.errorDescription ?? "that the migration has failed")
    // Before it has begun there is no status.
    default: self = .running
    }
  }
}
