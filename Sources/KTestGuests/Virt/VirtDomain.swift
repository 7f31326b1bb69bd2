internal import CVirt
internal import Glibc

/// A running domain. Every call may block, so callers keep it off the cooperative pool.
///
/// It is Sendable because a `virDomainPtr` may be used from several threads and the pointer never changes.
package final class VirtDomain: @unchecked Sendable {
  private let pointer: OpaquePointer
  private let connection: VirtConnection
  package let name: String

  init(pointer: OpaquePointer, name: String, connection: VirtConnection) {
    self.pointer = pointer
    self.connection = connection
    self.name = name
  }

  deinit { virDomainFree(pointer) }

  /// The lifecycle events of a domain that matter for a verdict.
  package enum Lifecycle: Sendable, Equatable {
    case stopped(Reason)
    /// The guest powered itself off or reset itself; QEMU has not exited yet.
    case shutDown
    /// pvpanic fired: the guest's kernel reports a panic.
    case panicked

    package enum Reason: Sendable, Equatable { case shutdown, destroyed, crashed, failed, other }
  }

  /// libvirt's number of the running domain; it gives each new one the next.
  package var id: Int { Int(Int32(bitPattern: virDomainGetID(pointer))) }

  package func resume() throws(VirtError) { try VirtError.check("resume guest \(name)", virDomainResume(pointer)) }

  /// Ends the domain immediately. It is not an error if it has ended by itself.
  package func destroy() throws(VirtError) {
    guard virDomainDestroy(pointer) < 0 else { return }
    let error = VirtError.last("end guest \(name)")
    if error.code != Int32(VIR_ERR_NO_DOMAIN.rawValue) && error.code != Int32(VIR_ERR_OPERATION_INVALID.rawValue) {
      throw error
    }
  }

  /// Returns the domain's XML as completed by libvirt.
  package func xml() throws(VirtError) -> String {
    guard let text = virDomainGetXMLDesc(pointer, 0) else { throw VirtError.last("describe guest \(name)") }
    defer { free(text) }
    return String(cString: text)
  }

  /// Delivers a non-maskable interrupt to the guest.
  package func injectNMI() throws(VirtError) {
    try VirtError.check("send an NMI to guest \(name)", virDomainInjectNMI(pointer, 0))
  }

  /// Writes the guest's memory and the registers of its processors to a new ELF file; the guest is paused meanwhile.
  /// QEMU's kdump-compressed files are smaller, but name no machine, and drgn cannot read them.
  package func dumpMemory(to path: String) throws(VirtError) {
    try VirtError.check(
      "write the memory of guest \(name) to \(path)",
      virDomainCoreDumpWithFormat(
        pointer, path, UInt32(VIR_DOMAIN_CORE_DUMP_FORMAT_RAW.rawValue), UInt32(VIR_DUMP_MEMORY_ONLY.rawValue)))
  }

  /// Runs a command of QEMU's monitor.
  ///
  /// - Parameters:
  ///   - command: a command of QEMU's human monitor (`info registers -a`), or QMP's JSON.
  ///   - isQMP: whether it is QMP.
  /// - Returns: QEMU's answer.
  package func askQEMU(_ command: String, isQMP: Bool = false) throws(VirtError) -> String {
    var answer: UnsafeMutablePointer<CChar>?
    let flags = isQMP ? 0 : VIR_DOMAIN_QEMU_MONITOR_COMMAND_HMP.rawValue
    let result = virDomainQemuMonitorCommand(pointer, command, &answer, UInt32(flags))
    defer { free(answer) }
    try VirtError.check("run '\(command)' in QEMU's monitor of guest \(name)", result)
    return answer.map { String(cString: $0) } ?? ""
  }

  /// Runs a command of QMP that takes an open file with it; QEMU has its own descriptor when this returns.
  package func tellQEMU(_ command: String, passing file: Int32) throws(VirtError) {
    var answer: UnsafeMutablePointer<CChar>?
    var files = [file]
    let result = virDomainQemuMonitorCommandWithFiles(pointer, command, 1, &files, nil, nil, &answer, 0)
    defer { free(answer) }
    try VirtError.check("run '\(command)' in QEMU's monitor of guest \(name)", result)
  }

  /// Opens the console of the first serial port as a stream; bytes go to `receive` on the event loop's thread.
  package func openConsole(device: String?, receive: @escaping VirtStream.Receiver) throws(VirtError) -> VirtStream {
    let stream = try connection.newStream()
    try VirtError.check(
      "open the console of guest \(name)",
      virDomainOpenConsole(pointer, device, stream, VIR_DOMAIN_CONSOLE_FORCE.rawValue))
    return try VirtStream(pointer: stream, label: "console of guest \(name)", receive: receive)
  }

  /// Opens the virtio-serial port with this name as a stream in both directions.
  package func openChannel(_ channel: String, receive: @escaping VirtStream.Receiver) throws(VirtError) -> VirtStream {
    let stream = try connection.newStream()
    try VirtError.check(
      "open the channel \(channel) of guest \(name)",
      virDomainOpenChannel(pointer, channel, stream, VIR_DOMAIN_CHANNEL_FORCE.rawValue))
    return try VirtStream(pointer: stream, label: "channel of guest \(name)", receive: receive)
  }

  /// Calls `body` on the event loop's thread for each event, until the subscription is cancelled.
  package func subscribe(_ body: @escaping @Sendable (Lifecycle) -> Void) throws(VirtError) -> VirtSubscription {
    typealias Callback =
      @convention(c) (
        OpaquePointer?, OpaquePointer?, Int32, Int32, UnsafeMutableRawPointer?
      ) -> Int32
    let callback: Callback = { _, _, event, detail, opaque in
      guard let body = VirtBox<@Sendable (Lifecycle) -> Void>.value(of: opaque) else { return 0 }
      if let change = Lifecycle(event: event, detail: detail) { body(change) }
      return 0
    }
    let generic = unsafeBitCast(callback, to: virConnectDomainEventGenericCallback.self)
    let id = virConnectDomainEventRegisterAny(
      connection.pointer, pointer, Int32(VIR_DOMAIN_EVENT_ID_LIFECYCLE.rawValue), generic,
      VirtBox<@Sendable (Lifecycle) -> Void>(body).opaque, releaseVirtBox)
    try VirtError.check("watch guest \(name)", id)
    return VirtSubscription(id: id, connection: connection)
  }
}

/// A subscription, whose callback ends when it is cancelled or released.
package final class VirtSubscription: Sendable {
  private let id: Int32
  private let connection: VirtConnection

  init(id: Int32, connection: VirtConnection) {
    self.id = id
    self.connection = connection
  }

  deinit { virConnectDomainEventDeregisterAny(connection.pointer, id) }
}

extension VirtDomain.Lifecycle {
  init?(event: Int32, detail: Int32) {
    switch virDomainEventType(rawValue: UInt32(bitPattern: event)) {
    case VIR_DOMAIN_EVENT_CRASHED: self = .panicked
    case VIR_DOMAIN_EVENT_SHUTDOWN: self = .shutDown
    case VIR_DOMAIN_EVENT_STOPPED:
      switch virDomainEventStoppedDetailType(rawValue: UInt32(bitPattern: detail)) {
      case VIR_DOMAIN_EVENT_STOPPED_SHUTDOWN: self = .stopped(.shutdown)
      case VIR_DOMAIN_EVENT_STOPPED_DESTROYED: self = .stopped(.destroyed)
      case VIR_DOMAIN_EVENT_STOPPED_CRASHED: self = .stopped(.crashed)
      case VIR_DOMAIN_EVENT_STOPPED_FAILED: self = .stopped(.failed)
      default: self = .stopped(.other)
      }
    default: return nil
    }
  }
}
