import Glibc
import Synchronization

/// Writes the text to a descriptor, without the secrets of its URLs. A reader that has gone away is no reason to end a run: then nothing is written.
/// What is lost of standard output for another reason, ``StandardOutput`` knows.
/// - Returns: whether all of it was written.
@discardableResult
public func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  let problem = write(Array(withoutSecrets(text).utf8), to: descriptor)
  if descriptor == STDOUT_FILENO, let problem { StandardOutput.note(problem) }
  return problem == nil
}

/// What became of the results.
public enum StandardOutput {
  private static let problem = Mutex<Int32?>(nil)

  /// Why something could not be written; nil where everything was, or where a reader had seen enough (`| head`).
  public static var failure: String? { problem.withLock { $0 }.map { String(cString: strerror($0)) } }

  fileprivate static func note(_ code: Int32) {
    if code != EPIPE { problem.withLock { $0 = $0 ?? code } }
  }
}

/// Writes all bytes, also to a descriptor that does not block.
/// - Returns: the error number; nil when all of them were taken.
func write(_ bytes: [UInt8], to descriptor: Int32) -> Int32? {
  var rest = bytes[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if errno == EAGAIN {
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&wait, 1, 1000) > 0 else { return EAGAIN }
    } else if errno != EINTR {
      return count == 0 ? EIO : errno
    }
  }
  return nil
}
