/// The identity of a case of a run.
public struct CaseKey: Sendable, Hashable {
  public var suite: String
  public var kernel: String
  public var name: String

  public init(suite: String, kernel: String, name: String) {
    self.suite = suite
    self.kernel = kernel
    self.name = name
  }
}

/// The last bytes of a stream, however long it was.
public struct ByteTail: Sendable, Equatable {
  /// The maximum number of bytes that are kept.
  public static let capacity = 4096

  public private(set) var bytes: [UInt8] = []

  public init() {}

  public mutating func append(_ more: [UInt8]) {
    bytes.append(contentsOf: more.suffix(ByteTail.capacity))
    if bytes.count > ByteTail.capacity { bytes.removeFirst(bytes.count - ByteTail.capacity) }
  }
}

/// The ends of a case's output.
public struct CaseTail: Sendable, Equatable {
  public var stdout = ByteTail()
  public var stderr = ByteTail()

  public init() {}

  mutating func append(_ bytes: [UInt8], to stream: RunEvent.OutputStream) {
    switch stream {
    case .stdout: stdout.append(bytes)
    case .stderr: stderr.append(bytes)
    }
  }
}
