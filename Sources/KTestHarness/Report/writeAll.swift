import Glibc

/// Writes the text to a descriptor, without the secrets of its URLs. A reader that has gone away is no reason to end a run: then nothing is written.
/// What is lost of standard output for another reason, ``StandardOutput`` knows.
/// - Returns: whether all of it was written.
@discardableResult
public func writeAll(_ text: String, to descriptor: Int32) -> Bool {
  let code = writeBytes(Array(withoutSecrets(text).utf8), to: descriptor)
  if descriptor == STDOUT_FILENO, code != 0 { StandardOutput.note(code) }
  return code == 0
}
