/// The agent's report about the kernel log while a case ran, in addition to the console.
package struct KernelLogReport: Equatable, Sendable {
  /// A printk setting whose value after the case differed from that at the agent's start. It has been restored.
  package struct Change: Equatable, Sendable {
    package var path: String
    package var before: String
    package var after: String

    package init(path: String, before: String, after: String) {
      self.path = path
      self.before = before
      self.after = after
    }
  }

  package var changes: [Change]
  /// The bits of `/proc/sys/kernel/tainted` that were set while the case ran
  /// (Documentation/admin-guide/tainted-kernels.rst).
  package var taints: UInt64
  /// The increase of `/sys/kernel/warn_count` and `oops_count`; 0 if the kernel has no such files (before 6.2).
  package var warnings: UInt64
  package var oopses: UInt64
  /// Whether the log buffer overflowed or could not be read, so that records were lost before the agent had passed them
  /// on.
  package var isIncomplete: Bool

  package init(
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
