import Foundation
import Subprocess
import SystemPackage

extension LogFile {
  /// Hands out what gzip makes of the log, whose first bytes were read already.
  func unpack(start: [UInt8], _ body: (LogInput) async throws -> Bool) async throws {
    let output = try FileDescriptor.pipe()
    output.readEnd.keepFromChildren()
    let (input, feeder) = try rewound(start)
    let unpacked = LogFile(descriptor: output.readEnd.rawValue, name: name)
    let gzip: ExecutionResult<Bool, FileDescriptorOutput, BytesOutput>
    do {
      gzip = try await run(
        .name("gzip"), arguments: ["-dc"], environment: .inherit.updating(["LC_ALL": "C"]),
        input: .fileDescriptor(input, closeAfterSpawningProcess: true),
        output: .fileDescriptor(output.writeEnd, closeAfterSpawningProcess: true), error: .bytes(limit: 64 << 10)
      ) { _ in
        // gzip notices by its next write that nobody listens any more.
        defer { try? output.readEnd.close() }
        var wantsMore = true
        while wantsMore, !Task.isCancelled {
          let bytes = try unpacked.read()
          if bytes.isEmpty { return true }
          wantsMore = try await body(.bytes(bytes[...]))
        }
        return false
      }
    } catch let error as SubprocessError where error.code == .executableNotFound {
      try? output.readEnd.close()
      throw LogError.gzipMissing
    }
    withExtendedLifetime(feeder) {}
    guard gzip.closureResult, !gzip.terminationStatus.isSuccess else { return }
    let complaint = String(decoding: gzip.standardError, as: UTF8.self).split(separator: "\n").filter { !$0.isEmpty }
    throw LogError.badGzip(path: name, complaint: complaint.last.map(String.init) ?? "gzip failed")
  }

  /// The log from its first byte again: a file is wound back, a pipe gets a thread that pours it into another.
  private func rewound(_ start: [UInt8]) throws -> (FileDescriptor, Thread?) {
    if isRegular, lseek(descriptor, 0, SEEK_SET) == 0 { return (FileDescriptor(rawValue: dup(descriptor)), nil) }
    let pipe = try FileDescriptor.pipe()
    pipe.writeEnd.keepFromChildren()
    let source = self
    let thread = Thread {
      defer { try? pipe.writeEnd.close() }
      var bytes = start
      while !bytes.isEmpty {
        guard (try? pipe.writeEnd.writeAll(bytes)) != nil, let more = try? source.read() else { return }
        bytes = more
      }
    }
    thread.start()
    return (pipe.readEnd, thread)
  }
}

extension FileDescriptor {
  /// A child that has the other end of its own pipe would never learn that it is closed.
  fileprivate func keepFromChildren() { _ = fcntl(rawValue, F_SETFD, FD_CLOEXEC) }
}
