import GuestProtocol

/// What a case tells while it measures by a clock that counts instructions. The agent keeps it until the case ends,
/// because the answers of QEMU and of the host would come at another time in each boot.
struct HeldMessages {
  /// The size in bytes from which messages are passed on all the same.
  private static let limit = 1 << 20

  private var messages: [GuestMessage] = []
  private var size = 0

  /// Keeps messages. Returns whether they must be passed on, because there are too many.
  mutating func keep(_ new: [GuestMessage]) -> Bool {
    for message in new {
      messages.append(message)
      size += message.frame.encoded.count
    }
    return size >= HeldMessages.limit
  }

  mutating func take() -> [GuestMessage] {
    defer { (messages, size) = ([], 0) }
    return messages
  }
}
