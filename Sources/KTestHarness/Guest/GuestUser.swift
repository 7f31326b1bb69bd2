internal import Glibc

/// The user as whom QEMU runs when ktest is root: what breaks out of a guest must not be root on the host.
public struct GuestUser: Sendable, Equatable, CustomStringConvertible {
  public var name: String
  public var uid: UInt32
  /// The group by which the user reads what ktest hands to it.
  public var gid: UInt32

  public init(name: String, uid: UInt32, gid: UInt32) {
    self.name = name
    self.uid = uid
    self.gid = gid
  }

  public var description: String { "\(name) (uid \(uid))" }

  /// Debian's name and Fedora's.
  private static let names = ["libvirt-qemu", "qemu"]

  /// nil where ktest is an ordinary user: its guests run as that user.
  ///
  /// - Throws: ``GuestError/missingUser``.
  public static func current() throws(GuestError) -> GuestUser? {
    guard geteuid() == 0 else { return nil }
    for name in names {
      if let user = find(name) { return user }
    }
    throw .missingUser
  }

  private static func find(_ name: String) -> GuestUser? {
    guard let entry = getpwnam(name)?.pointee, entry.pw_uid != 0 else { return nil }
    // Debian's libvirt-qemu has 'kvm' as its first group, in which users are as well; the group of its own name has
    // nobody else.
    let gid = getgrnam(name)?.pointee.gr_gid ?? entry.pw_gid
    return gid == 0 ? nil : GuestUser(name: name, uid: entry.pw_uid, gid: gid)
  }
}
