import Glibc
import GuestProtocol

extension CaseProcess {
  /// Sends the case's files to the host within the limits, and reports what was left.
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
      // A file name may lead to a pipe without a writer or to a device without an end.
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
      // Count the bytes that were read: files of procfs and sysfs claim to have none.
      if passed < size {
        note(passed < ArtefactLimits.file ? .noRoom : .tooLarge, name, size)
      }
    }
    if request.artefacts.contains(CaseRequest.kernelSymbols) {
      let descriptor = open(CaseRequest.kernelSymbols, O_RDONLY | O_CLOEXEC)
      // A kernel that has no such file is no fault of the case; the host says so.
      if descriptor >= 0 {
        _ = pass(descriptor, CaseRequest.kernelSymbols, limit: min(room, ArtefactLimits.file), send)
        close(descriptor)
      }
    }
    if dropped > 0 { notes.append(ArtefactNote(.more, number: dropped)) }
    if left > 0 { notes.append(ArtefactNote(.tooMany, number: left)) }
    if !notes.isEmpty { send(.artefactNotes(id: request.id, notes)) }
  }

  /// Sends a file in pieces, because it may be as large as the guest's memory. Returns the number of bytes sent.
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
