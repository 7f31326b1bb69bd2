/// What the agent says of the kernel log while one case ran: a second witness beside the console.
public struct KernelLogReport: Equatable, Sendable {
  /// A setting of printk that had another value after the case than when the agent started. It has been written back.
  public struct Change: Equatable, Sendable {
    public var path: String
    public var before: String
    public var after: String

    public init(path: String, before: String, after: String) {
      self.path = path
      self.before = before
      self.after = after
    }
  }

  public var changes: [Change]
  /// Bits of `/proc/sys/kernel/tainted` that came while the case ran (Documentation/admin-guide/tainted-kernels.rst).
  public var taints: UInt64
  /// What `/sys/kernel/warn_count` and `oops_count` grew by; 0 also where the kernel has no such files (before 6.2).
  public var warnings: UInt64
  public var oopses: UInt64
  /// The log's buffer ran over, or could not be read: records were lost before the agent had passed them on.
  public var isIncomplete: Bool

  public init(
    changes: [Change] = [], taints: UInt64 = 0, warnings: UInt64 = 0, oopses: UInt64 = 0, isIncomplete: Bool = false
  ) {
    self.changes = changes
    self.taints = taints
    self.warnings = warnings
    self.oopses = oopses
    self.isIncomplete = isIncomplete
  }

  func write(to writer: inout ByteWriter) {
    writer.put(changes) { writer, change in
      for text in [change.path, change.before, change.after] { writer.put(text) }
    }
    for number in [taints, warnings, oopses] { writer.put(number) }
    writer.put(isIncomplete)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(
      changes: try reader.list { (reader) throws(FrameError) in
        Change(path: try reader.string(), before: try reader.string(), after: try reader.string())
      },
      taints: try reader.integer(), warnings: try reader.integer(), oopses: try reader.integer(),
      isIncomplete: try reader.bool())
  }
}
