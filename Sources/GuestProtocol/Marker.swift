/// The lines that the agent writes into the kernel log, so that what stands between them can be attributed to a case.
///
/// The nonce is the host's, different for every boot: a test that prints a marker of its own does not know it.
public enum Marker: Equatable, Sendable {
  case begin(case: UInt32)
  case end(case: UInt32)

  /// `ktest[4f2a…]: begin 3`
  public func line(nonce: String) -> String {
    switch self {
    case .begin(let id): "ktest[\(nonce)]: begin \(id)"
    case .end(let id): "ktest[\(nonce)]: end \(id)"
    }
  }

  /// Reads a marker out of a console line's text, wherever in the line it stands.
  public init?(text: some StringProtocol, nonce: String) {
    let words = text.split(separator: " ")
    guard words.count >= 3, words[words.count - 3] == "ktest[\(nonce)]:", let id = UInt32(words[words.count - 1]) else {
      return nil
    }
    switch words[words.count - 2] {
    case "begin": self = .begin(case: id)
    case "end": self = .end(case: id)
    default: return nil
    }
  }

  /// The kernel's command line hands it to the agent as this parameter.
  public static let nonceParameter = "ktest.nonce"
  /// `ktest.channel=none` on the kernel's command line: there is no host to speak to, the agent powers off at once.
  public static let channelParameter = "ktest.channel"
  /// Name of the virtio-serial port.
  public static let channelName = "org.ktest.agent"
}
