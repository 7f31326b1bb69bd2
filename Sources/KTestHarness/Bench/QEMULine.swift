internal import Glibc

/// One end of a character device of QEMU that is a pair of named pipes.
final class QEMULine: Sendable {
  private let input: Int32
  private let output: Int32

  /// Creates `PATH.in` and `PATH.out`. Throws ``Failure``.
  init(_ path: String) throws {
    input = try QEMULine.pipe(path + ".in")
    output = try QEMULine.pipe(path + ".out")
  }

  deinit {
    close(input)
    close(output)
  }

  /// Open in both directions, so that it never comes to an end.
  private static func pipe(_ path: String) throws -> Int32 {
    unlink(path)
    guard mkfifo(path, 0o600) == 0 else { throw failure(path) }
    let descriptor = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path) }
    return descriptor
  }

  private static func failure(_ path: String) -> Failure {
    Failure(.host, "\(path): \(String(cString: strerror(errno)))")
  }

  /// Sends what fits into a pipe, which is more than any message here has.
  func send(_ bytes: [UInt8]) throws {
    guard write(input, bytes, bytes.count) == bytes.count else { throw Failure(.host, "QEMU does not read its line") }
  }

  /// Returns what `take` makes of the bytes that come; waits while it is nil.
  func receive<Value>(within limit: Duration, _ take: ([UInt8]) throws -> Value?) async throws -> Value {
    let end = ContinuousClock.now + limit
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while ContinuousClock.now < end {
      let count = read(output, &chunk, chunk.count)
      if count > 0 {
        if let value = try take(Array(chunk[..<count])) { return value }
      } else {
        try await Task.sleep(for: .milliseconds(1))
      }
    }
    throw Failure(.host, "QEMU alone did not answer within \(limit)")
  }
}
