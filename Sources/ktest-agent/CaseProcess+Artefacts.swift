import Glibc
import GuestProtocol

extension CaseProcess {
  /// Brings the case's files to the host as far as the limits allow, and says what was left.
  func sendArtefacts(_ send: (GuestMessage) -> Void) {
    guard !request.artefacts.isEmpty else { return }
    var notes: [ArtefactNote] = []
    var dropped: UInt64 = 0
    func note(_ kind: ArtefactNote.Kind, _ name: String, _ number: UInt64) {
      if notes.count < ArtefactLimits.notes {
        notes.append(ArtefactNote(kind, name, number: number))
      } else {
        dropped += 1
      }
    }
    var room = ArtefactLimits.total
    var sent = 0
    var left: UInt64 = 0
    let wanted = request.artefacts.compactMap { try? Wildcard($0) }
    for name in entries(of: directory) where wanted.contains(where: { $0.matches(whole: name) }) {
      guard sent < ArtefactLimits.count else {
        left += 1
        continue
      }
      let descriptor = open("\(directory)/\(name)", O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC)
      defer { if descriptor >= 0 { close(descriptor) } }
      var status = stat()
      // What looks like a file may be a pipe without a writer or a link to a device without an end.
      guard descriptor >= 0, fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
        note(.notPlain, name, 0)
        continue
      }
      let size = UInt64(max(0, status.st_size))
      guard room > 0 || size == 0 else {
        note(.noRoom, name, size)
        continue
      }
      sent += 1
      let passed = pass(descriptor, name, limit: min(room, ArtefactLimits.file), send)
      room -= min(room, passed)
      // By what was read, not by what was promised: files of procfs and sysfs say that they have none.
      if passed < size {
        note(passed < ArtefactLimits.file ? .noRoom : .tooLarge, name, size)
      }
    }
    if dropped > 0 { notes.append(ArtefactNote(.more, number: dropped)) }
    if left > 0 { notes.append(ArtefactNote(.tooMany, number: left)) }
    if !notes.isEmpty { send(.artefactNotes(id: request.id, notes)) }
  }

  /// Piece by piece: the file may be as large as the guest's memory allows. Returns how many bytes went.
  private func pass(_ descriptor: Int32, _ name: String, limit: UInt64, _ send: (GuestMessage) -> Void) -> UInt64 {
    var chunk = [UInt8](repeating: 0, count: 1 << 18)
    var passed: UInt64 = 0
    while true {
      let wanted = Int(min(UInt64(chunk.count), limit - passed))
      let count = wanted == 0 ? 0 : read(descriptor, &chunk, wanted)
      if count < 0 && errno == EINTR { continue }
      passed += UInt64(max(0, count))
      send(.artefact(id: request.id, name: name, bytes: Array(chunk[..<max(0, count)]), isLast: count <= 0))
      if count <= 0 { return passed }
    }
  }
}
