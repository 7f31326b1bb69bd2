internal import Foundation
internal import Synchronization

/// A host that runs guests through libvirt: by the embedded driver unless a URI is given.
package final class LibvirtHost: GuestHost {
  private let connection: VirtConnection
  private let root: EmbeddedRoot?
  private let owner = GuestOwner.current
  let forks: Result<ForkMemory, GuestError>
  let templates: TemplateStore
  private let endings = Mutex<[Task<Void, Never>]>([])
  /// Clones that wait for their template's state.
  private let standby = Mutex<[Standby]>([])

  private struct Standby: Sendable {
    var template: GuestTemplate
    /// Nil if it could not be created.
    var guest: Task<LibvirtGuest?, Never>
  }

  /// The guests of killed harnesses that were found and ended.
  package let sweptGuests: [String]

  /// - Parameters:
  ///   - uri: a libvirt URI, or nil for the embedded driver.
  ///   - stateDirectory: where the embedded driver keeps its roots.
  /// - Throws: ``GuestError``, ``VirtError``.
  package convenience init(uri: String?, stateDirectory: String) throws {
    try self.init(uri: uri, stateDirectory: stateDirectory, templates: .own)
    templates.trim(to: TemplateStore.budget)
  }

  /// - Parameter templates: where templates are kept for later runs.
  init(uri: String?, stateDirectory: String, templates: TemplateStore) throws {
    self.templates = templates
    if let uri {
      root = nil
      forks = .failure(.noFork("libvirt's driver is not part of ktest (--connect)"))
      connection = try VirtConnection(uri: uri)
      sweptGuests = try LibvirtHost.sweep(connection, owner: owner)
    } else {
      let (root, swept) = try EmbeddedRoot.take(under: stateDirectory)
      self.root = root
      sweptGuests = swept
      forks = Result { () throws(GuestError) in try ForkMemory(root: root) }
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
    let guest = try await prepared(description)
    do {
      switch description.origin {
      case .boot, .template: try await guest.start()
      case .clone(let template): try await guest.goOn(from: template, within: LibvirtHost.forkLimit)
      }
      let result = try await body(guest)
      endLater(guest)
      return result
    } catch {
      endLater(guest)
      if let error = error as? VirtError { throw LibvirtHost.explain(error) }
      throw error
    }
  }

  /// The time for a clone to read its state, of which 20 ms are usual.
  private static let forkLimit = Duration.seconds(30)

  package var forkRefusal: String? {
    guard case .failure(.noFork(let reason)) = forks else { return nil }
    return reason
  }

  /// Returns a guest to be started, or a clone that is created.
  private func prepared(_ description: GuestDescription) async throws -> LibvirtGuest {
    guard case .clone(let template) = description.origin else { return newGuest(description) }
    let ready = standby.withLock { list in
      list.firstIndex { $0.template == template }.map { list.remove(at: $0) }
    }
    if let guest = await ready?.guest.value { return guest }
    let guest = newGuest(description)
    do { try await guest.create() } catch {
      endLater(guest)
      throw error
    }
    return guest
  }

  private func newGuest(_ description: GuestDescription) -> LibvirtGuest {
    LibvirtGuest(description, connection: connection, root: root, forks: forks, owner: owner)
  }

  package func anticipate(_ clone: GuestDescription, needed: @Sendable () -> Int) {
    guard case .clone(let template) = clone.origin else { return }
    standby.withLock { list in
      // Asked under the lock: who takes one of them has been counted off before it looks for one that stands by.
      guard list.count(where: { $0.template == template }) < needed() else { return }
      let guest = newGuest(clone)
      let creation = Task { () -> LibvirtGuest? in
        do { try await guest.create() } catch {
          await guest.end()
          return nil
        }
        return guest
      }
      list.append(Standby(template: template, guest: creation))
    }
  }

  package func waitForStandby() async {
    for clone in standby.withLock({ $0 }) { _ = await clone.guest.value }
  }

  /// Ends the guest in the background: libvirt waits a second or two for QEMU's exit, and nobody else needs to.
  private func endLater(_ guest: LibvirtGuest) { later { await guest.end() } }

  /// Does something for which nobody waits before ``waitForEndings()``.
  func later(_ body: @escaping @Sendable () async -> Void) {
    let task = Task { await body() }
    endings.withLock { $0.append(task) }
  }

  package func waitForEndings() async {
    let unused = standby.withLock { list in
      defer { list = [] }
      return list
    }
    for clone in unused { if let guest = await clone.guest.value { endLater(guest) } }
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
