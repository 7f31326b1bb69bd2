import Foundation

/// Feeds a target with one input after another. Each input is in a file before it is read, so that one that ends the
/// process can be looked at.
package struct FuzzRun: Sendable {
  package struct Outcome: Sendable {
    package var inputs: UInt64 = 0
    package var bytes = 0
    /// The seed that something was found with, and what.
    package var found: (seed: UInt64, problem: String)?
    /// Of the whole process.
    package var peakMemory = 0
  }

  /// Inputs have seeds from here on.
  package var first: UInt64
  package var file: String?
  /// Processor time of this process that one input may take, with a millisecond for each KiB; nil for no limit.
  package var timeLimit: Duration? = .seconds(1)
  /// Resident memory of this process, at most.
  package var memoryLimit = 1 << 30
  /// Wall-clock seconds after which an input hangs, and the process is ended by SIGALRM; 0 for never.
  package var hangSeconds: UInt32 = 0

  package init(first: UInt64, file: String? = nil) {
    self.first = first
    self.file = file
  }

  /// Goes on while `more` says so, for one input at least, and up to the first problem.
  package func run(_ target: some FuzzTarget, while more: (Outcome) -> Bool) async throws -> Outcome {
    var outcome = Outcome()
    repeat {
      let seed = first &+ outcome.inputs
      let input = target.input(seed: seed)
      outcome.inputs += 1
      outcome.bytes += input.count
      if let problem = try await problem(of: target, with: input, seed: seed) {
        outcome.found = (seed, problem)
        break
      }
    } while more(outcome)
    outcome.peakMemory = Self.peakMemory
    return outcome
  }

  /// One input, with the dice that its seed gave it.
  package func problem(of target: some FuzzTarget, with input: [UInt8], seed: UInt64) async throws -> String? {
    if let file {
      try keep(input, in: file)
      try keep(Array("\(seed)\n".utf8), in: file + ".seed")
    }
    var dice = Dice(seed: ~seed)
    if hangSeconds > 0 { alarm(hangSeconds) }
    defer { if hangSeconds > 0 { alarm(0) } }
    let start = Self.processorTime
    if let problem = try await target.problem(with: input, &dice) { return problem }
    let used = Self.processorTime - start
    if let timeLimit, used > timeLimit + .milliseconds(input.count >> 10) {
      return "it takes \(used) of processor time for \(input.count) bytes"
    }
    let memory = Self.peakMemory
    return memory > memoryLimit ? "it takes \(memory >> 20) MiB of memory for \(input.count) bytes" : nil
  }

  /// Over the former one: a file of its own for each input would fill the disk.
  private func keep(_ input: [UInt8], in file: String) throws {
    let descriptor = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    // Not emptied first: ext4 would write it to the disk each time.
    guard descriptor >= 0, pwrite(descriptor, input, input.count, 0) == input.count,
      ftruncate(descriptor, off_t(input.count)) == 0
    else {
      throw CocoaError(.fileWriteUnknown, userInfo: [NSFilePathErrorKey: file])
    }
  }

  private static var processorTime: Duration {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }

  /// The peak, and not what is in use afterwards: what an input needs is given back by then.
  private static var peakMemory: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss << 10
  }
}
