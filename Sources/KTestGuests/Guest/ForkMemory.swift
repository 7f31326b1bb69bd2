internal import CLinux
internal import Foundation
internal import KTestHost
internal import Synchronization

/// The files with the memory of guests that can be forked, on a file system in memory.
///
/// libvirt puts the memory of such a guest at `lib/qemu/ram/ID-NAME/` below its root, which is a link to this directory,
/// and QEMU opens what it finds there. So ktest puts the files there first: new ones for a template, links to the
/// template's for a clone. libvirt's XML has no other way to name them. ID is the number that libvirt gives the guest:
/// the next one, or a later one if other guests of this process are being started, so there is a directory for each of the
/// next few.
final class ForkMemory: Sendable {
  let directory: String
  private var user: GuestUser? { root.files.user }
  /// Its lock is released after the directory is gone.
  private let root: EmbeddedRoot
  /// The last number that libvirt has given to a guest, and how many templates there were.
  private let last = Mutex<Int>(0)
  private let serial = Mutex<Int>(0)
  /// Held while a guest is started that finds its memory here: libvirt uses the first 20 characters of a name only, which
  /// several guests have.
  private let starting = Mutex<Void>(())

  /// How many numbers may be given to other guests while one is started.
  static let reach = 16
  /// What must be left free beyond the guest's memory, in bytes.
  private static let spare: UInt64 = 64 << 20

  /// The file system for memory; a link to it in a root leads there.
  private static let fileSystem = "/dev/shm"

  /// Creates the directory, empty, and puts the link into the root, which libvirt opens later.
  init(root: EmbeddedRoot) throws(GuestError) {
    guard ForkMemory.isInMemory(ForkMemory.fileSystem) else {
      throw .noFork("\(ForkMemory.fileSystem) is not a file system in memory (tmpfs)")
    }
    directory = ForkMemory.directory(for: root.path)
    self.root = root
    ForkMemory.remove(directory)
    // QEMU's user enters it, but lists nothing.
    guard mkdir(directory, 0o700) == 0, chmod(directory, 0o711) == 0 else {
      throw .noFork("cannot create \(directory): \(String(cString: strerror(errno)))")
    }
    let link = "\(root.path)/lib/qemu/ram"
    try? FileManager.default.removeItem(atPath: link)
    guard symlink(directory, link) == 0 else {
      throw .noFork("cannot create \(link): \(String(cString: strerror(errno)))")
    }
  }

  deinit { ForkMemory.remove(directory) }

  /// The directory of the root at that path, whether it exists or not.
  static func directory(for root: String) -> String {
    "\(fileSystem)/ktest-\(geteuid())-\(EmbeddedRoot.name(of: root))"
  }

  /// Removes what a process of this user has left, which nobody uses any more: the caller holds the root's lock.
  static func remove(_ directory: String) {
    var status = stat()
    guard lstat(directory, &status) == 0, status.st_uid == geteuid(), status.st_mode & S_IFMT == S_IFDIR else { return }
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// Returns whether it is a tmpfs, by TMPFS_MAGIC of linux/magic.h.
  private static func isInMemory(_ path: String) -> Bool { ktest_file_system_type(path) == 0x0102_1994 }

  /// Notes the number of a guest that has been started.
  func note(_ id: Int) { last.withLock { $0 = max($0, id) } }

  /// Starts a guest that finds its memory here.
  ///
  /// - Returns: the domain, and the directory with its memory if it is to be a template.
  /// - Throws: ``GuestError/noFork(_:)``
  func start(
    _ description: GuestDescription, _ create: () throws -> VirtDomain
  ) throws(GuestError) -> (VirtDomain, directory: String) {
    let files = DomainXML.memoryFiles(of: description)
    let source: String
    switch description.origin {
    case .boot: throw .noFork("it has no memory in files")
    case .template: source = try newTemplate(files, of: description.memory)
    case .clone(let template): source = template.directory
    }
    do {
      let domain = try starting.withLock { _ in
        let places = places(of: description.name)
        // QEMU has mapped its memory when libvirt returns.
        defer { for place in places { try? FileManager.default.removeItem(atPath: place) } }
        for place in places { try offer(files, of: source, at: place) }
        let domain = try create()
        note(domain.id)
        return domain
      }
      return (domain, source)
    } catch {
      if description.origin == .template { ForkMemory.remove(source) }
      throw error as? GuestError ?? .noFork("\(error)")
    }
  }

  private func newTemplate(_ files: [String], of memory: UInt64) throws(GuestError) -> String {
    var disk = statvfs()
    guard statvfs(directory, &disk) == 0 else { throw failure(directory) }
    let free = UInt64(disk.f_bavail) * UInt64(disk.f_frsize)
    // QEMU would be killed by a write that finds no room.
    guard free >= memory + ForkMemory.spare else {
      throw .noFork("it may need \(memory >> 20) MiB in \(directory), but only \(free >> 20) MiB are free")
    }
    let place = try newPlace()
    for name in files {
      let path = "\(place)/\(name)"
      let file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
      guard file >= 0 else { throw failure(path) }
      defer { close(file) }
      if let user, fchown(file, user.uid, user.gid) != 0 { throw failure(path) }
    }
    return place
  }

  private func newPlace() throws(GuestError) -> String {
    let number = serial.withLock { serial in
      serial += 1
      return serial
    }
    let place = "\(directory)/template-\(number)"
    guard mkdir(place, 0o711) == 0 else { throw failure(place) }
    return place
  }

  /// Copies a template out of a store.
  func take(
    _ key: String, of store: TemplateStore, for description: GuestDescription
  ) throws(GuestError) -> (TemplateStore.Finding, GuestTemplate?) {
    let place = try newPlace()
    let finding = store.take(key, into: place, files: DomainXML.memoryFiles(of: description), user: user)
    guard case .found(_, let age) = finding else {
      ForkMemory.remove(place)
      return (finding, nil)
    }
    return (finding, GuestTemplate(description, directory: place, stopped: .now - .seconds(age), key: key))
  }

  /// The directories where QEMU may look for the memory of the next guest. libvirt uses the first 20 characters of a name
  /// (virDomainDefGetShortName).
  private func places(of name: String) -> [String] {
    let next = last.withLock { $0 } + 1
    return (next..<next + ForkMemory.reach).map { "\(directory)/\($0)-\(name.prefix(20))" }
  }

  private func offer(_ files: [String], of source: String, at place: String) throws(GuestError) {
    guard mkdir(place, 0o711) == 0 else { throw failure(place) }
    for file in files where link("\(source)/\(file)", "\(place)/\(file)") != 0 { throw failure("\(source)/\(file)") }
  }

  private func failure(_ path: String) -> GuestError { .noFork("\(path): \(String(cString: strerror(errno)))") }
}
