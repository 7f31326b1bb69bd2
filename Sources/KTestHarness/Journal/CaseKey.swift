import KTestValues

/// The identity of a case of a run.
package struct CaseKey: Sendable, Hashable {
  package var suite: String
  package var kernel: String
  package var name: String

  package init(suite: String, kernel: String, name: String) {
    self.suite = suite
    self.kernel = kernel
    self.name = name
  }
}

/// The last bytes of a stream, however long it was.
package struct ByteTail: Sendable, Equatable {
  /// The maximum number of bytes that are kept.
  package static let capacity = 4096

  package private(set) var bytes: [UInt8] = []

  package init() {}

  package mutating func append(_ more: [UInt8]) {
    bytes.append(contentsOf: more.suffix(ByteTail.capacity))
    if bytes.count > ByteTail.capacity { bytes.removeFirst(bytes.count - ByteTail.capacity) }
  }
}

/// The ends of a case's output.
package struct CaseTail: Sendable, Equatable {
  package var stdout = ByteTail()
  package var stderr = ByteTail()

  package init() {}

  mutating func append(_ bytes: [UInt8], to stream: RunEvent.OutputStream) {
    switch stream {
    case .stdout: stdout.append(bytes)
    case .stderr: stderr.append(bytes)
    }
  }
}
