internal import Foundation

extension EmbeddedRoot {
  /// Returns the directory of the roots: `base` itself if it is suitable, else a short one in a directory for temporary
  /// files.
  ///
  /// `base` is not suitable if its path is too long, if it has characters with a meaning in a URI or in QEMU's options,
  /// or if QEMU runs as another user, because `base` is in a private cache.
  static func place(for base: String, user: GuestUser?) throws(GuestError) -> String {
    if user == nil && isPlain(base) { return base }
    do {
      try FileManager.default.createDirectory(atPath: base, withIntermediateDirectories: true)
    } catch { throw .noRoot(path: base, reason: "it cannot be created (\(error.localizedDescription))") }
    let place = "\(temporary(near: base))/ktest-\(geteuid())-\(name(of: base))"
    mkdir(place, 0o700)
    var information = stat()
    guard lstat(place, &information) == 0, information.st_uid == geteuid(), information.st_mode & S_IFMT == S_IFDIR
    else { throw .noRoot(path: place, reason: "it belongs to another user") }
    try share(place, with: user)
    return place
  }

  /// Returns whether the path is suitable. A socket's path has at most 107 bytes (unix(7)), and libvirt needs at least
  /// 72 below a root: it puts the agent's socket at `lib/qemu/channel/target/domain-ID-NAME/org.ktest.agent`, with 20
  /// characters of the guest's name.
  static func isPlain(_ base: String) -> Bool {
    base.utf8.count <= 32
      && base.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
          UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }

  /// Returns a temporary directory, if possible on the file system of `base`, so that files can be linked.
  private static func temporary(near base: String) -> String {
    func device(_ path: String) -> dev_t? {
      var information = stat()
      return stat(path, &information) == 0 ? information.st_dev : nil
    }
    return ["/tmp", "/var/tmp"].first { device($0) == device(base) } ?? "/tmp"
  }

  /// Returns the FNV-1a hash in at most 8 characters.
  static func name(of base: String) -> String {
    var hash: UInt64 = 14_695_981_039_346_656_037
    for byte in base.utf8 { hash = (hash ^ UInt64(byte)) &* 1_099_511_628_211 }
    return String((hash ^ hash >> 40) & (1 << 40 - 1), radix: 36)
  }

  /// Creates the directories of a root, and its driver's configuration.
  ///
  /// - Parameter kept: where the driver's knowledge about QEMU is kept if roots are not under `base`.
  func layOut(keeping kept: String) throws(GuestError) {
    let user = files.user
    do {
      for name in ["boot", "etc"] {
        try FileManager.default.createDirectory(atPath: "\(path)/\(name)", withIntermediateDirectories: true)
      }
      if path != kept && access("\(path)/cache", F_OK) != 0 {
        try FileManager.default.createDirectory(atPath: "\(kept)/cache", withIntermediateDirectories: true)
        unlink("\(path)/cache")
        try FileManager.default.createSymbolicLink(atPath: "\(path)/cache", withDestinationPath: "\(kept)/cache")
      }
      try FileManager.default.createDirectory(atPath: "\(path)/lib/qemu", withIntermediateDirectories: true)
      let text = EmbeddedRoot.configuration(user: user).joined(separator: "\n") + "\n"
      try Data(text.utf8).write(to: URL(filePath: "\(path)/etc/qemu.conf"))
    } catch {
      throw .noRoot(path: path, reason: "its directories cannot be created (\(error.localizedDescription))")
    }
    guard user != nil else { return }
    for name in ["", "/boot"] { try EmbeddedRoot.share(path + name, with: user) }
    // QEMU reads a key deeper inside, in a directory of its user. The mode must not depend on the umask.
    for name in ["/lib", "/lib/qemu"] { chmod(path + name, 0o711) }
  }

  /// The whole configuration of the embedded driver, which reads nothing of the system's.
  ///
  /// If ktest runs as root, the driver itself stays root and the domain's XML names the guests' user. If the driver
  /// were told of the user here, it would ask QEMU for its capabilities with the right to open every file, find KVM,
  /// see that the user may not open a `/dev/kvm` that only root may, and ask again for every step of every guest: a
  /// minute per boot.
  static func configuration(user: GuestUser?) -> [String] {
    var lines = [
      "stdio_handler = \"file\"", "security_driver = \"none\"", "namespaces = []", "cgroup_controllers = []",
      "remember_owner = 0", "dynamic_ownership = 0",
    ]
    if user != nil { lines += ["user = \"+0\"", "group = \"+0\""] }
    return lines
  }

  /// Gives the guests' user, and nobody else, access. QEMU cannot write anything here; it gets open descriptors for
  /// what it must write.
  private static func share(_ directory: String, with user: GuestUser?) throws(GuestError) {
    guard let user else { return }
    guard chown(directory, 0, user.gid) == 0, chmod(directory, 0o750) == 0 else {
      throw .noRoot(path: directory, reason: "it cannot be given to \(user.name) (\(String(cString: strerror(errno))))")
    }
  }
}
