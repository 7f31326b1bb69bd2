/// The lines that the agent writes to the kernel log, so that the lines between them can be attributed to a case.
///
/// Each line has a token that the host generates for this line and sends through the agent's channel. Nobody can read
/// it before the line is written, and afterwards it is worthless.
package enum Marker: Hashable, Sendable {
  /// The boot's first line, which shows that the agent can write to the log and the host can read it. It also comes
  /// before the modules of a case.
  case ready
  case begin(case: UInt32)
  case end(case: UInt32)

  /// Returns the line: `ktest[4f2a…]: begin 3`.
  package func line(token: String) -> String {
    switch self {
    case .ready: "ktest[\(token)]: ready 0"
    case .begin(let id): "ktest[\(token)]: begin \(id)"
    case .end(let id): "ktest[\(token)]: end \(id)"
    }
  }

  /// The kernel parameter for the channel; with `ktest.channel=none` there is no host, and the agent powers off at
  /// once.
  package static let channelParameter = "ktest.channel"
  /// The kernel parameter `ktest.clock=instructions`: the guest's clock counts instructions, so it jumps ahead while the
  /// guest waits and says nothing about how long the host takes.
  package static let clockParameter = "ktest.clock"
  package static let countingClock = "instructions"
  /// The environment variable of cases with the same value.
  package static let clockVariable = "KTEST_CLOCK"
  /// The name of the virtio-serial port.
  package static let channelName = "org.ktest.agent"
}

/// A line that looks like a marker, whoever wrote it.
package struct MarkerLine: Equatable, Sendable {
  package var marker: Marker
  package var token: String

  /// Parses the text of a console line that ends with a marker.
  package init?(text: some StringProtocol) {
    guard text.contains("ktest[") else { return nil }
    let words = text.split(separator: " ")
    guard words.count >= 3, let id = UInt32(words[words.count - 1]) else { return nil }
    let name = words[words.count - 3]
    guard name.hasPrefix("ktest["), name.hasSuffix("]:") else { return nil }
    switch words[words.count - 2] {
    case "ready" where id == 0: marker = .ready
    case "begin": marker = .begin(case: id)
    case "end": marker = .end(case: id)
    default: return nil
    }
    token = String(name.dropFirst(6).dropLast(2))
  }
}

/// The secrets of a case that only the host and the agent know. They are generated for each case and never reused.
package struct CaseSecrets: Equatable, Sendable {
  /// The tokens of the lines in the kernel log.
  package var begin: String
  package var end: String
  /// The key in the agent's message about the case's end, which appears nowhere else: a program that has taken over the
  /// agent's channel does not know it.
  package var key: UInt64

  package init(begin: String, end: String, key: UInt64) {
    self.begin = begin
    self.end = end
    self.key = key
  }

  package init() {
    self.init(begin: CaseSecrets.token(), end: CaseSecrets.token(), key: .random(in: 1 ... .max))
  }

  package static func token() -> String { String(UInt64.random(in: 1 << 60 ... .max), radix: 36) }

  func write(to writer: inout ByteWriter) {
    writer.put(begin)
    writer.put(end)
    writer.put(key)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(begin: try reader.string(), end: try reader.string(), key: try reader.integer())
  }
}
