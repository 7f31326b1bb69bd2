/// The end of a case as reported by the guest's kernel.
package struct CaseEnd: Equatable, Sendable {
  package enum Outcome: Equatable, Sendable {
    case exited(status: UInt8)
    case signalled(signal: UInt8)
    /// The program could not be started; the text names it and the reason.
    case notStarted(String)
  }

  package var id: UInt32
  package var outcome: Outcome
  /// Whether the agent ended it because it timed out.
  package var timedOut: Bool
  /// Whether the kernel's OOM killer ended a process of the case.
  package var outOfMemory: Bool
  /// The number of bytes of output beyond the limit, which were dropped.
  package var droppedOutput: UInt64
  /// Whether a process of the case survived SIGKILL (it hangs in the kernel); the guest must not be used any more.
  package var leftover: Bool
  package var wallMilliseconds: UInt64
  package var userMilliseconds: UInt64
  package var systemMilliseconds: UInt64
  /// The peak resident set of the largest process in KiB (getrusage(2), `ru_maxrss`).
  package var peakResidentKiB: UInt64
  package var log: KernelLogReport
  /// The key from the case's ``CaseSecrets``: an end without it is forged.
  package var key: UInt64

  package init(
    id: UInt32, outcome: Outcome, timedOut: Bool = false, outOfMemory: Bool = false, droppedOutput: UInt64 = 0,
    leftover: Bool = false, wallMilliseconds: UInt64 = 0, userMilliseconds: UInt64 = 0,
    systemMilliseconds: UInt64 = 0, peakResidentKiB: UInt64 = 0, log: KernelLogReport = KernelLogReport(),
    key: UInt64 = 0
  ) {
    self.id = id
    self.outcome = outcome
    self.timedOut = timedOut
    self.outOfMemory = outOfMemory
    self.droppedOutput = droppedOutput
    self.leftover = leftover
    self.wallMilliseconds = wallMilliseconds
    self.userMilliseconds = userMilliseconds
    self.systemMilliseconds = systemMilliseconds
    self.peakResidentKiB = peakResidentKiB
    self.log = log
    self.key = key
  }

  func write(to writer: inout ByteWriter) {
    writer.put(id)
    switch outcome {
    case .exited(let status):
      writer.put(UInt8(0))
      writer.put(status)
    case .signalled(let signal):
      writer.put(UInt8(1))
      writer.put(signal)
    case .notStarted(let reason):
      writer.put(UInt8(2))
      writer.put(reason)
    }
    for flag in [timedOut, outOfMemory, leftover] { writer.put(flag) }
    for number in [droppedOutput, wallMilliseconds, userMilliseconds, systemMilliseconds, peakResidentKiB] {
      writer.put(number)
    }
    log.write(to: &writer)
    writer.put(key)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    id = try reader.integer()
    switch try reader.integer(UInt8.self) {
    case 0: outcome = .exited(status: try reader.integer())
    case 1: outcome = .signalled(signal: try reader.integer())
    case 2: outcome = .notStarted(try reader.string())
    case let other: throw .unknownType(other)
    }
    timedOut = try reader.bool()
    outOfMemory = try reader.bool()
    leftover = try reader.bool()
    droppedOutput = try reader.integer()
    wallMilliseconds = try reader.integer()
    userMilliseconds = try reader.integer()
    systemMilliseconds = try reader.integer()
    peakResidentKiB = try reader.integer()
    log = try KernelLogReport(from: &reader)
    key = try reader.integer()
  }
}
