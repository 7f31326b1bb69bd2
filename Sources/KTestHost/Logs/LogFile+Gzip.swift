import Foundation
import SystemPackage

extension LogFile {
  /// Delivers the log as unpacked by gzip. `start` are the bytes that were already read.
  func unpack(start: [UInt8], _ body: (LogInput) async throws -> Bool) async throws {
    let output = try FileDescriptor.pipe()
    output.readEnd.keepFromChildren()
    let (input, feeder) = try rewound(start)
    let unpacked = LogFile(descriptor: output.readEnd.rawValue, name: name)
    let gzip = HostProgram(
      "gzip", ["-dc"], environment: HostProgram.plainMessages, input: .descriptor(input.rawValue),
      complaintLimit: 64 << 10)
    let (wasRead, result): (Bool, HostProgramResult)
    do {
      (wasRead, result) = try await gzip.pour(into: output.writeEnd.rawValue) {
        // gzip notices at its next write that nobody reads any more.
        defer { try? output.readEnd.close() }
        var wantsMore = true
        while wantsMore, !Task.isCancelled {
          let bytes = try unpacked.read()
          if bytes.isEmpty { return true }
          wantsMore = try await body(.bytes(bytes[...]))
        }
        return false
      }
    } catch HostProgramFailure.missing {
      try? output.readEnd.close()
      throw LogError.gzipMissing
    }
    withExtendedLifetime(feeder) {}
    guard wasRead, !result.succeeded else { return }
    let complaint = result.complaint.split(separator: "\n")
    throw LogError.badGzip(path: name, complaint: complaint.last.map(String.init) ?? "gzip failed")
  }

  /// Returns the log from its first byte: a file is rewound, and for a pipe a thread copies it into another one.
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
  /// Sets close-on-exec: a child with the other end of its own pipe would never see it closed.
  fileprivate func keepFromChildren() { _ = fcntl(rawValue, F_SETFD, FD_CLOEXEC) }
}
