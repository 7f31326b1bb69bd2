/// An event of a run. Events come one at a time and in order. The receiver's `await` is the back-pressure: the next
/// case does not start before the journal has this event on disk.
///
/// `console`, `output` and `artefact` carry bytes and are stored as files; each of the others is one line of
/// `events.jsonl`.
package enum RunEvent: Sendable, Equatable {
  /// The start of the run. `cases` counts every case of every suite and kernel, including those skipped before boot.
  case runStarted(cases: Int, boots: Int)
  /// The cases of a suite in its order, before the first boot of a run whose guests run side by side: its other events come
  /// in any order, and reports keep this one.
  case suitePlanned(suite: String, kernel: String, cases: [String])
  /// The start of a round of a repeated run, and the most rounds that it can have. Everything up to the next one belongs to it.
  case roundStarted(Int, of: Int)
  /// What came of a group of a run on many hosts, before its other events.
  case groupAnswered(AnsweredGroup)
  /// The start of a boot, written before power-on, so that a killed harness leaves a record of it.
  case bootStarted(boot: Int, suite: String, kernel: String, cases: [String])
  case bootReady(boot: Int, seconds: Double)
  /// The command line of the kernel that runs, as it has it itself; the manifest has the planned one.
  case commandLine(boot: Int, text: String)
  /// A splat is complete. What ktest itself makes a kernel print is none, nor is a fault of the emulator.
  case splat(boot: Int, SplatSighting)
  /// `boot` is nil for a case that is skipped before boot; a `caseFinished` follows in every case.
  case caseStarted(boot: Int?, suite: String, kernel: String, name: String)
  case caseFinished(suite: String, kernel: String, result: CaseResult)
  /// A case that does not exist on this kernel, told before the first boot. It has no verdict.
  case caseAbsent(suite: String, kernel: String, AbsentCase)
  case bootFinished(BootResult)
  /// A line for people, for example that KVM is not usable and TCG runs instead.
  case notice(String)
  case runFinished(verdict: Verdict, interrupted: Bool, seconds: Double)

  /// Raw bytes of the kernel console.
  case console(boot: Int, bytes: [UInt8])
  /// Raw bytes that a case wrote; `boot` is nil for the log of a build.
  case output(boot: Int?, suite: String, kernel: String, name: String, stream: OutputStream, bytes: [UInt8])
  /// A file that a case left in its working directory and that the suite requests; a large one comes in several pieces,
  /// in order.
  case artefact(boot: Int, suite: String, kernel: String, name: String, file: String, bytes: [UInt8])
  /// A piece of evidence about a hanging guest: the kernel's answers, or QEMU's.
  case evidence(boot: Int, file: String, bytes: [UInt8])
  /// A splat has begun and is not complete: what is known of it so far; nil if none is any more. In no journal.
  case splatPending(boot: Int, SplatSighting?)
  /// What other hosts have under way, a line each, in place of the former lines. In no journal.
  case underWay([String])
  /// From here on the boot's console says what the harness asks it for; nothing in it speaks of the test. In no journal.
  case provoked(boot: Int)

  package enum OutputStream: String, Codable, Sendable { case stdout, stderr }
}
