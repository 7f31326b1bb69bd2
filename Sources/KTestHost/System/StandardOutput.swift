import Glibc
import Synchronization

/// Whether the results could be written.
package enum StandardOutput {
  private static let problem = Mutex<Int32?>(nil)

  /// Why something could not be written; nil where everything was, or where a reader had seen enough (`| head`).
  package static var failure: String? { problem.withLock { $0 }.map { String(cString: strerror($0)) } }

  static func note(_ code: Int32) {
    if code != EPIPE { problem.withLock { $0 = $0 ?? code } }
  }
}
