import Glibc
import KTestHost

/// The files of a run that is being written. It handles only lines, streams and a full disk, not events.
struct RunRecord: ~Copyable {
  let directory: String
  private let disk: DiskWrite
  private let limits: JournalLimits
  private let events: DiskFile
  /// The open streams, by path in the run's directory.
  private var open: [String: DiskFile] = [:]
  /// The files whose limit was reached.
  private var cut: Set<String> = []
  /// Their bytes, by path.
  private var artefacts: [String: Int] = [:]
  private var artefactBytes = 0
  /// Whether the disk has been full, so that only event lines are written.
  private(set) var isFull = false
  /// Whether even a line could not be written; no later one may follow such a gap.
  private(set) var isSealed = false

  /// The number of bytes reserved so that the last events of a run can be written on a full disk.
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

  /// Writes one event's line completely or not at all.
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

  /// Handles a full disk: releases the reserve for the remaining events.
  private mutating func becomeFull() {
    isFull = true
    release()
    open = [:]
  }

  func release() { unlink(directory + "/" + RunLayout.reserve) }

  /// Returns whether the file was truncated for the first time now.
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

  /// The limits for the artefacts of a run.
  enum ArtefactLimit: Sendable { case file, total, count }

  /// Returns which limit was reached for the first time now; nil for none.
  mutating func append(_ bytes: [UInt8], toArtefact file: String) throws(DiskError) -> ArtefactLimit? {
    guard artefacts[file] != nil || artefacts.count < limits.artefactCount else {
      return cut.insert("artefact count").inserted ? .count : nil
    }
    let room = limits.artefacts - artefactBytes
    let kept = bytes.count > room ? Array(bytes.prefix(max(0, room))) : bytes
    artefactBytes += kept.count
    artefacts[file, default: 0] += kept.count
    if try append(kept, to: file, limit: limits.artefact, keepOpen: false) { return .file }
    return kept.count < bytes.count && cut.insert("artefacts").inserted ? .total : nil
  }

  /// Puts the end of an open stream in its place, if that is shorter. Where it cannot be done, all of it stays.
  mutating func shorten(_ file: String, to end: [UInt8]) {
    guard !isFull, let stream = open[file], stream.length > end.count else { return }
    open[file] = nil
    try? replace(file, with: end)
  }

  /// Removes artefacts, which then count for no limit.
  mutating func removeFolder(_ folder: String) {
    for (file, bytes) in artefacts where file.hasPrefix(folder + "/") {
      artefacts[file] = nil
      artefactBytes -= bytes
    }
    HostFiles.remove(directory + "/" + folder)
  }

  mutating func close(_ file: String) { open[file] = nil }
  mutating func closeAll() { open = [:] }
}
