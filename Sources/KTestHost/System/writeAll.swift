import Glibc
import KTestValues

/// Writes the text to a descriptor, without the secrets of its URLs. If the reader has gone away, nothing is written.
/// ``StandardOutput`` knows what was lost for another reason.
/// - Returns: whether all of it was written.
@discardableResult
package func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  let code = writeBytes(Array(withoutSecrets(text).utf8), to: descriptor)
  if descriptor == STDOUT_FILENO, code != 0 { StandardOutput.note(code) }
  return code == 0
}
