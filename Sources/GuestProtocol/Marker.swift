/// The lines that the agent writes into the kernel log, so that what stands between them can be attributed to a case.
///
/// Each line carries a token that the host has made up for this one line and sent by the agent's channel. Nobody can
/// read it before the line is written, and afterwards it is worth nothing.
public enum Marker: Hashable, Sendable {
  /// The boot's first line: the agent can write into the log, and the host reads it.
  case ready
  case begin(case: UInt32)
  case end(case: UInt32)

  /// `ktest[4f2a…]: begin 3`
  public func line(token: String) -> String {
    switch self {
    case .ready: "ktest[\(token)]: ready 0"
    case .begin(let id): "ktest[\(token)]: begin \(id)"
    case .end(let id): "ktest[\(token)]: end \(id)"
    }
  }

  /// `ktest.channel=none` on the kernel's command line: there is no host to speak to, the agent powers off at once.
  public static let channelParameter = "ktest.channel"
  /// Name of the virtio-serial port.
  public static let channelName = "org.ktest.agent"
}

/// A line that looks like a marker, whoever has written it.
public struct MarkerLine: Equatable, Sendable {
  public var marker: Marker
  public var token: String

  /// Reads it out of a console line's text, at whose end it stands.
  public init?(text: some StringProtocol) {
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

/// What only the host and the agent know of a case. Made anew for each; nothing of it is used twice.
public struct CaseSecrets: Equatable, Sendable {
  /// Tokens of the lines in the kernel log.
  public var begin: String
  public var end: String
  /// Stands in what the agent says of the case's end, and is never written anywhere else: a program that has got hold of
  /// the agent's channel does not know it.
  public var key: UInt64

  public init(begin: String, end: String, key: UInt64) {
    self.begin = begin
    self.end = end
    self.key = key
  }

  public init() {
    self.init(begin: CaseSecrets.token(), end: CaseSecrets.token(), key: .random(in: 1 ... .max))
  }

  public static func token() -> String { String(UInt64.random(in: 1 << 60 ... .max), radix: 36) }

  func write(to writer: inout ByteWriter) {
    writer.put(begin)
    writer.put(end)
    writer.put(key)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(begin: try reader.string(), end: try reader.string(), key: try reader.integer())
  }
}
