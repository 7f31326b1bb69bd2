internal import GuestProtocol
import KTestValues

/// Enforces the limits for artefacts of one case, which the agent should have observed, and collects notes about them.
struct ArtefactRoom {
  private var sizes: [String: UInt64] = [:]
  private var kept: UInt64 = 0
  private var notes: [ArtefactNote] = []
  private var saidTooMany = false
  private var cut: Set<String> = []
  /// The number of bytes and pieces that have arrived, kept or not: while it grows, the guest is busy.
  private(set) var received: UInt64 = 0

  /// Returns the part of the piece to keep; nil for none.
  mutating func take(_ bytes: [UInt8], of file: String) -> [UInt8]? {
    received += UInt64(bytes.count) + 1
    guard let size = sizes[file] ?? (sizes.count < ArtefactLimits.count ? 0 : nil) else {
      if !saidTooMany { note(ArtefactNote(.tooMany)) }
      saidTooMany = true
      return nil
    }
    let room = min(ArtefactLimits.file - size, ArtefactLimits.total - kept)
    let piece = bytes.prefix(Int(clamping: room))
    let sum = size + UInt64(piece.count)
    if piece.count < bytes.count, cut.insert(file).inserted {
      note(ArtefactNote(sum == ArtefactLimits.file ? .tooLarge : .noRoom, file))
    }
    sizes[file] = sum
    kept += UInt64(piece.count)
    return piece.isEmpty && !bytes.isEmpty ? nil : Array(piece)
  }

  mutating func take(_ more: [ArtefactNote]) { for one in more { note(one) } }

  private mutating func note(_ note: ArtefactNote) {
    // Notes on many files come in addition to those on single ones.
    if notes.count < ArtefactLimits.notes + 2 { notes.append(note) }
  }

  /// Findings that change no verdict, because the program ended before its files were collected.
  var findings: [CaseFinding] { notes.map { CaseFinding(.artefact, .pass, $0.text) } }
}

extension ArtefactNote {
  /// The note for people.
  var text: String {
    let file = "the artefact \(name.clipped(to: 100))"
    let size = number > 0 ? " (\(ByteSize(bytes: number)))" : ""
    return switch kind {
    case .notPlain: "\(file) is not a regular file and was left in the guest"
    case .tooLarge:
      "\(file)\(size) is larger than \(ByteSize(bytes: ArtefactLimits.file)); the rest was left in the guest"
    case .noRoom:
      "\(file)\(size) exceeds the limit of \(ByteSize(bytes: ArtefactLimits.total)) per case; the excess was left in the guest"
    case .tooMany:
      "more than \(ArtefactLimits.count) artefacts; \(number > 0 ? "\(number)" : "the others") were left in the guest"
    case .more: "\(number) further artefacts are incomplete"
    }
  }
}
