internal import Foundation
internal import Synchronization

/// A host that runs guests through libvirt: by the embedded driver unless a URI is given.
package final class LibvirtHost: GuestHost {
  private let connection: VirtConnection
  private let root: EmbeddedRoot?
  private let owner = GuestOwner.current
  private let endings = Mutex<[Task<Void, Never>]>([])

  /// The guests of killed harnesses that were found and ended.
  package let sweptGuests: [String]

  /// - Parameters:
  ///   - uri: a libvirt URI, or nil for the embedded driver.
  ///   - stateDirectory: where the embedded driver keeps its roots.
  /// - Throws: ``GuestError``, ``VirtError``.
  package init(uri: String?, stateDirectory: String) throws {
    if let uri {
      root = nil
      connection = try VirtConnection(uri: uri)
      sweptGuests = try LibvirtHost.sweep(connection, owner: owner)
    } else {
      let (root, swept) = try EmbeddedRoot.take(under: stateDirectory)
      self.root = root
      sweptGuests = swept
      do { connection = try VirtConnection(uri: root.uri) } catch { throw LibvirtHost.explain(error) }
    }
  }

  /// Translates libvirt's errors about missing packages.
  private static func explain(_ error: VirtError) -> any Error {
    if error.message.contains("libvirt-qemu") { return GuestError.missingUser }
    let noEmulator = ["find suitable emulator", "find any emulator", "Cannot check QEMU binary", "no emulator found"]
    if noEmulator.contains(where: { error.message.contains($0) }) {
      return GuestError.missingQEMU(error.message)
    }
    if error.message.contains("no connection driver") || error.message.contains("driver_qemu") {
      return GuestError.driver(error.message)
    }
    return error
  }

  private static func sweep(_ connection: VirtConnection, owner: GuestOwner) throws -> [String] {
    var swept: [String] = []
    for domain in try connection.runningDomains() where domain.name.hasPrefix("ktest-") {
      guard let xml = try? domain.xml(), let mark = GuestOwner(domainXML: xml), mark.isDead(seenFrom: owner) else {
        continue
      }
      try domain.destroy()
      swept.append(domain.name)
    }
    return swept
  }

  /// The user whom guests run as, or nil if it is ktest's own user or chosen by another driver.
  package var guestUser: GuestUser? { root?.files.user }

  package static var libvirtVersion: String { VirtConnection.libraryVersion }

  package func qemuVersion() throws -> String {
    do { return try connection.hypervisorVersion() } catch { throw LibvirtHost.explain(error) }
  }

  package func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    let guest = LibvirtGuest(description, connection: connection, root: root, owner: owner)
    do {
      try await guest.start()
      let result = try await body(guest)
      endLater(guest)
      return result
    } catch {
      endLater(guest)
      if let error = error as? VirtError { throw LibvirtHost.explain(error) }
      throw error
    }
  }

  /// Ends the guest in the background: libvirt waits a second or two for QEMU's exit, and nobody else needs to.
  private func endLater(_ guest: LibvirtGuest) {
    let ending = Task { await guest.end() }
    endings.withLock { $0.append(ending) }
  }

  package func waitForEndings() async {
    while true {
      let pending = endings.withLock { list in
        defer { list = [] }
        return list
      }
      if pending.isEmpty { return }
      for ending in pending { await ending.value }
    }
  }
}

extension GuestOwner {
  /// Finds the owner in a domain's XML; nil if the domain is not one of ktest's.
  init?(domainXML: String) {
    guard let tag = domainXML.range(of: "<ktest:owner"),
      let open = domainXML[tag.upperBound...].firstIndex(of: ">"),
      let close = domainXML[open...].range(of: "</ktest:owner>")
    else { return nil }
    self.init(text: domainXML[domainXML.index(after: open)..<close.lowerBound])
  }
}
