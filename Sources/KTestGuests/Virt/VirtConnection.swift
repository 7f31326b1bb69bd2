internal import CVirt
internal import Glibc

/// A connection to a hypervisor, `qemu:///embed?root=…` or any other libvirt URI. It closes itself.
///
/// It is Sendable because libvirt's connections may be used from several threads
/// (https://libvirt.org/html/libvirt-libvirt-host.html) and its pointer never changes.
package final class VirtConnection: @unchecked Sendable {
  let pointer: OpaquePointer
  package let uri: String

  /// Opens the connection. Blocks until the driver answers: 13 ms for the embedded driver, longer for a remote one.
  package init(uri: String) throws(VirtError) {
    try VirtEventLoop.start()
    pointer = try VirtError.check("open \(uri)", virConnectOpen(uri))
    self.uri = uri
  }

  deinit { virConnectClose(pointer) }

  /// libvirt's own version, such as `9.0.0`.
  package static var libraryVersion: String {
    var version: UInt = 0
    virGetVersion(&version, nil, nil)
    return dotted(version)
  }

  /// Returns the hypervisor's version, such as `7.2.22`.
  package func hypervisorVersion() throws(VirtError) -> String {
    var version: UInt = 0
    try VirtError.check("ask \(uri) for QEMU's version", virConnectGetVersion(pointer, &version))
    return VirtConnection.dotted(version)
  }

  private static func dotted(_ version: UInt) -> String {
    "\(version / 1_000_000).\(version / 1000 % 1000).\(version % 1000)"
  }

  /// Starts a transient domain that is paused before its first instruction, because output is lost while nobody is
  /// connected.
  package func createPaused(xml: String, name: String) throws(VirtError) -> VirtDomain {
    let flags = VIR_DOMAIN_START_PAUSED.rawValue
    let domain = try VirtError.check("start guest \(name)", virDomainCreateXML(pointer, xml, flags))
    return VirtDomain(pointer: domain, name: name, connection: self)
  }

  /// Returns all running domains, not only ktest's.
  package func runningDomains() throws(VirtError) -> [VirtDomain] {
    var list: UnsafeMutablePointer<virDomainPtr?>?
    let flags = VIR_CONNECT_LIST_DOMAINS_ACTIVE.rawValue
    let count = try VirtError.check("list the guests of \(uri)", virConnectListAllDomains(pointer, &list, flags))
    defer { free(list) }
    return (0..<Int(count)).compactMap { index in
      list?[index].map { VirtDomain(pointer: $0, name: String(cString: virDomainGetName($0)), connection: self) }
    }
  }

  func newStream() throws(VirtError) -> OpaquePointer {
    try VirtError.check("make a stream", virStreamNew(pointer, VIR_STREAM_NONBLOCK.rawValue))
  }
}
