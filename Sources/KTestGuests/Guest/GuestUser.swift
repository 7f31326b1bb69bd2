internal import Glibc

/// The user as whom QEMU runs if ktest is root: code that breaks out of a guest must not be root on the host.
package struct GuestUser: Sendable, Equatable, CustomStringConvertible {
  package var name: String
  package var uid: UInt32
  /// The group through which the user can read the files that ktest gives it.
  package var gid: UInt32

  package init(name: String, uid: UInt32, gid: UInt32) {
    self.name = name
    self.uid = uid
    self.gid = gid
  }

  package var description: String { "\(name) (uid \(uid))" }

  /// The names on Debian and on Fedora.
  private static let names = ["libvirt-qemu", "qemu"]

  /// Returns nil if ktest runs as an ordinary user: its guests then run as that user.
  ///
  /// - Throws: ``GuestError/missingUser``.
  package static func current() throws(GuestError) -> GuestUser? {
    guard geteuid() == 0 else { return nil }
    for name in names {
      if let user = find(name) { return user }
    }
    throw .missingUser
  }

  private static func find(_ name: String) -> GuestUser? {
    guard let entry = getpwnam(name)?.pointee, entry.pw_uid != 0 else { return nil }
    // The first group of Debian's libvirt-qemu is 'kvm', which has other members; the group with its own name has none.
    let gid = getgrnam(name)?.pointee.gr_gid ?? entry.pw_gid
    return gid == 0 ? nil : GuestUser(name: name, uid: entry.pw_uid, gid: gid)
  }
}
