import KTestHost

/// Returns the text of a regular file of at most `limit` bytes.
///
/// - Throws: ``Failure``.
package func readInput(_ path: String, limit: Int = 16 << 20) throws -> String {
  do {
    return String(decoding: try RegularFile.bytes(of: path, limit: limit), as: UTF8.self)
  } catch { throw Failure(.usage, "cannot read \(path): \(error.reason)") }
}
