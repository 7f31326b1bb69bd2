import Glibc

/// The files of one run that is being written. It knows no events: only lines, streams and the disk's end.
struct RunRecord: ~Copyable {
  let directory: String
  private let disk: DiskWrite
  private let limits: JournalLimits
  private let events: DiskFile
  /// Streams that are being written, by path in the run's directory.
  private var open: [String: DiskFile] = [:]
  /// Files whose limit was reached.
  private var cut: Set<String> = []
  private var artefacts: Set<String> = []
  private var artefactBytes = 0
  /// The disk was full once: only event lines are still written.
  private(set) var isFull = false
  /// Not even a line could be written; a later one must not follow a gap.
  private(set) var isSealed = false

  /// Bytes set aside, so that the last events of a run on a full disk can still be written.
  static let reserve = 64 << 10

  init(directory: String, limits: JournalLimits, disk: DiskWrite) throws(DiskError) {
    let events = try DiskFile(appendingTo: directory + "/" + RunLayout.events, disk: disk)
    try RunRecord.setAside(directory + "/" + RunLayout.reserve)
    self.directory = directory
    self.limits = limits
    self.disk = disk
    self.events = events
  }

  private static func setAside(_ path: String) throws(DiskError) {
    let descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw DiskError(errno: errno) }
    defer { Glibc.close(descriptor) }
    let error = posix_fallocate(descriptor, 0, off_t(RunRecord.reserve))
    guard error == 0 || error == EOPNOTSUPP || error == EINVAL else { throw DiskError(errno: error) }
  }

  func replace(_ file: String, with bytes: [UInt8]) throws(DiskError) {
    try replaceFile(directory + "/" + file, with: bytes, disk: disk)
  }

  /// Writes one event's line as a whole or not at all.
  mutating func append(line: [UInt8], flush: Bool) throws(DiskError) {
    guard !isSealed else { throw DiskError(errno: ENOSPC) }
    do {
      try appendOnce(line, flush)
    } catch {
      guard error.isFull, !isFull else {
        isSealed = true
        throw error
      }
      becomeFull()
      do {
        try appendOnce(line, flush)
      } catch {
        isSealed = true
        throw error
      }
      throw error
    }
  }

  private func appendOnce(_ line: [UInt8], _ flush: Bool) throws(DiskError) {
    try events.append(line, whole: true)
    if flush { try events.flush() }
  }

  /// The disk is full: gives back what was set aside, for the events that are still to come.
  private mutating func becomeFull() {
    isFull = true
    release()
    open = [:]
  }

  func release() { unlink(directory + "/" + RunLayout.reserve) }

  /// Whether the file was cut for the first time now.
  mutating func append(_ bytes: [UInt8], to file: String, limit: Int, keepOpen: Bool = true) throws(DiskError) -> Bool {
    guard !isFull, !cut.contains(file) else { return false }
    do throws(DiskError) {
      let stream: DiskFile
      if let known = open[file] {
        stream = known
      } else {
        stream = try DiskFile(appendingTo: directory + "/" + file, disk: disk)
        if keepOpen { open[file] = stream }
      }
      let room = max(0, limit - stream.length)
      if room > 0 { try stream.append(room < bytes.count ? Array(bytes.prefix(room)) : bytes) }
      guard bytes.count > room else { return false }
      cut.insert(file)
      return true
    } catch {
      if error.isFull { becomeFull() }
      throw error
    }
  }

  /// What the artefacts of a run come to, and how much of that is kept.
  enum ArtefactLimit: Sendable { case file, total, count }

  /// Which limit was reached for the first time now; nil for none.
  mutating func append(_ bytes: [UInt8], toArtefact file: String) throws(DiskError) -> ArtefactLimit? {
    guard artefacts.contains(file) || artefacts.count < limits.artefactCount else {
      return cut.insert("artefact count").inserted ? .count : nil
    }
    artefacts.insert(file)
    let room = limits.artefacts - artefactBytes
    let kept = bytes.count > room ? Array(bytes.prefix(max(0, room))) : bytes
    artefactBytes += kept.count
    if try append(kept, to: file, limit: limits.artefact, keepOpen: false) { return .file }
    return kept.count < bytes.count && cut.insert("artefacts").inserted ? .total : nil
  }

  mutating func close(_ file: String) { open[file] = nil }
  mutating func closeAll() { open = [:] }
}
