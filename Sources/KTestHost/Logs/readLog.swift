import Glibc

/// An event while a log is read.
package enum LogInput: Sendable {
  /// The next bytes, at most 256 KiB.
  case bytes(ArraySlice<UInt8>)
  /// Nothing came for this many milliseconds; only if the log is followed.
  case silence(milliseconds: Int)
  /// The file was truncated: what follows is a new log.
  case restarted
}

/// Reads a console log from its beginning; `-` is standard input. Input with gzip's magic bytes is unpacked. It holds
/// one chunk at a time. `body` returns whether it wants more.
///
/// With `following`, it waits at the end for more, until `body` has enough, the task is cancelled, or a pipe is closed.
/// Throws ``LogError``.
package func readLog(
  _ path: String, following: Bool = false, _ body: (LogInput) async throws -> Bool
) async throws {
  let name = path == "-" ? "standard input" : path
  let descriptor = path == "-" ? dup(STDIN_FILENO) : open(path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { throw LogError.unreadable(path: name, reason: String(cString: strerror(errno))) }
  let file = LogFile(descriptor: descriptor, name: name)
  defer { close(file.descriptor) }
  guard let start = try await file.start(following) else { return }
  if start.starts(with: [0x1f, 0x8b]) {
    guard !following else { throw LogError.cannotFollowGzip(path: name) }
    return try await file.unpack(start: start, body)
  }
  if !start.isEmpty, try await !body(.bytes(start[...])) { return }
  if following { try await file.follow(from: start.count, body) } else { try await file.drain(body) }
}

/// An open log, or the output of gzip.
struct LogFile {
  static let piece = 256 << 10
  private static let pause = 100

  let descriptor: Int32
  let name: String

  /// Returns the first bytes, at least two if there are as many, or nil if the task was cancelled before.
  func start(_ following: Bool) async throws -> [UInt8]? {
    var start: [UInt8] = []
    while start.count < 2 {
      if following, await !hasInput() {
        if Task.isCancelled { return nil }
        continue
      }
      let more = try read()
      if more.isEmpty { break }
      start += more
    }
    return start
  }

  func drain(_ body: (LogInput) async throws -> Bool) async throws {
    while !Task.isCancelled {
      let bytes = try read()
      guard !bytes.isEmpty, try await body(.bytes(bytes[...])) else { return }
    }
  }

  func follow(from start: Int, _ body: (LogInput) async throws -> Bool) async throws {
    var (offset, silence) = (start, 0)
    while !Task.isCancelled {
      if await hasInput() {
        let bytes = try read()
        if !bytes.isEmpty {
          (offset, silence) = (offset + bytes.count, 0)
          guard try await body(.bytes(bytes[...])) else { return }
          continue
        }
        guard isRegular else { return }
        if size < offset {
          lseek(descriptor, 0, SEEK_SET)
          offset = 0
          guard try await body(.restarted) else { return }
          continue
        }
        try? await Task.sleep(for: .milliseconds(Self.pause))
      }
      silence += Self.pause
      guard try await body(.silence(milliseconds: silence)) else { return }
    }
  }

  /// Waits briefly for input and returns whether a read would return at once. A file can always be read.
  private func hasInput() async -> Bool {
    if isRegular || isReadable { return true }
    try? await Task.sleep(for: .milliseconds(Self.pause))
    return isReadable
  }

  /// Whether a read would return at once. It does not wait, which would block a thread of the pool.
  private var isReadable: Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, 0) > 0
  }

  private var status: stat {
    var status = stat()
    fstat(descriptor, &status)
    return status
  }

  var isRegular: Bool { status.st_mode & S_IFMT == S_IFREG }
  private var size: Int { Int(status.st_size) }

  /// Returns at most one chunk; empty at the end.
  func read() throws -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: Self.piece) { buffer, count in
      repeat {
        let got = Glibc.read(descriptor, buffer.baseAddress, Self.piece)
        failure = got < 0 ? errno : 0
        count = max(0, got)
      } while failure == EINTR
    }
    guard failure == 0 else { throw LogError.unreadable(path: name, reason: String(cString: strerror(failure))) }
    return bytes
  }
}
