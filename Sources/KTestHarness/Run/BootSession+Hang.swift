internal import GuestProtocol
import KTestGuests
import KTestHost
import KTestValues

/// The inspection of a hanging guest before it is ended. Every step has a time limit, and nothing changes a verdict.
extension BootSession {
  /// How long the agent waits while the host inspects a late case. It only expires if the host has forgotten the case.
  static let patience = Duration.seconds(60)
  /// The time for the agent to handle one key; a list of all tasks is long, and a serial line is slow.
  private static let dumpTime = Duration.seconds(10)
  /// The time for a late agent to answer after all, and for the serial line.
  private static let lastChance = Duration.seconds(1)
  /// How long a case may be silent after an oops. The task that oopsed is dead and keeps its locks, so that whoever needs
  /// one waits forever.
  static let silenceAfterOops = Duration.seconds(5)
  /// The time for QEMU's monitor.
  private static let monitorTime = Duration.seconds(10)
  private static let monitorCommands = ["info status", "info cpus", "info registers -a"]

  /// Returns the kernel's oopses while the case ran that it does not allow. The last one may not be complete.
  private func oopses(_ rules: DmesgRules) -> [Splat] {
    (splats + (watch.pending.map { [$0] } ?? [])).filter { $0.isFatal && !rules.allows($0) }
  }

  /// Returns whether the kernel has oopsed while the case ran, and the case does not expect it.
  func hasOopsed(_ rules: DmesgRules?) -> Bool { rules.map { !oopses($0).isEmpty } ?? false }

  /// Notes until when a case may go on of which a process has oopsed.
  func noteOwnOops(_ rules: DmesgRules?) {
    guard let rules, let case_ = running, case_.oopsDeadline == nil else { return }
    if oopses(rules).contains(where: { $0.task?.belongs(toTestOf: case_.program) == true }) {
      running?.oopsDeadline = deadline(in: settings.scaled(settings.timeAfterOwnOops))
    }
  }

  /// Asks the kernel for its tasks, through the agent, else the serial line, else an NMI; and asks QEMU for the
  /// processors.
  ///
  /// - Parameter byAgent: whether the agent has just reported that the case is late.
  func lookIntoHang(byAgent: Bool) async throws {
    hasBeenAsked = true
    var kept = GuestEvidence()
    // What had begun before is the kernel's own.
    try await note(watch.beginProvoked(.taskDump))
    try await emit(.provoked(boot: plan.id))
    var isAnswered = false
    if hello != nil {
      isAnswered = try await dumpTasksByAgent(within: byAgent ? BootSession.dumpTime : BootSession.lastChance)
    }
    if !isAnswered, !isOver { isAnswered = try await dumpTasksBySerialLine() }
    if !isOver, let registers = await registers() {
      try await keep(registers, as: "registers.txt", in: &kept)
    }
    evidence = kept
    if !isOver { await keepMemory(.onHang) }
    if !isAnswered, !isOver { try await provokePanic() }
    // After an NMI nothing that the kernel says is its own, however late it comes.
    try await note(watch.provoked == .nmi ? watch.flush() : watch.endProvoked())
    kept = evidence ?? kept
    if !watch.captured.isEmpty { try await keep(watch.captured, as: "tasks.log", in: &kept) }
    kept.summary = watch.tasks.summary
    evidence = kept == GuestEvidence() ? nil : kept
  }

  private var isOver: Bool { end != nil || isCancelled || (hasPanicked && watch.provoked != .nmi) }

  private func dumpTasksByAgent(within limit: Duration) async throws -> Bool {
    let hasLockdep = plan.planned.kernel.config?.isEnabled("LOCKDEP") == true
    var isAnswered = false
    for key in "wl" + (hasLockdep ? "d" : "") + "t" where !isOver {
      guard let byte = key.asciiValue else { continue }
      await send(.sysrq(byte))
      let failure = try await message(before: deadline(in: settings.scaled(limit))) { message -> String? in
        guard case .sysrqDone(byte, let failure) = message else { return nil }
        return failure
      }
      guard let failure else { return isAnswered }
      isAnswered = true
      if !failure.isEmpty {
        try await emit(.notice("boot \(plan.id): no dump of tasks: \(failure)"))
        return true
      }
    }
    try await quiet()
    return isAnswered
  }

  private func dumpTasksBySerialLine() async throws -> Bool {
    for key in "wlt" where !isOver {
      guard let byte = key.asciiValue, (try? await guest.probe(.sysrq(byte), within: BootSession.monitorTime)) != nil
      else { return watch.tasks.isAnswered }
      try await waitFairly(settings.scaled(BootSession.lastChance)) { watch.tasks.isAnswered || isOver }
      guard watch.tasks.isAnswered else { return false }
      try await quiet()
    }
    return watch.tasks.isAnswered
  }

  /// Uses the last resort: an NMI makes a kernel that takes no interrupts print its position and panic.
  private func provokePanic() async throws {
    try await note(watch.endProvoked())
    try await note(watch.beginProvoked(.nmi))
    guard (try? await guest.probe(.nmi, within: BootSession.monitorTime)) != nil else {
      return try await note(watch.endProvoked())
    }
    try await waitFairly(settings.scaled(BootSession.lastChance)) { hasPanicked || end != nil }
    try await quiet()
  }

  /// Waits until the console has been silent for a while, because it is slower than the agent's channel.
  private func quiet() async throws {
    let limit = deadline(in: settings.scaled(BootSession.dumpTime))
    var isSpeaking = true
    while isSpeaking, clock.now < limit {
      let seen = watch.byteCount
      isSpeaking = try await wait(before: deadline(in: .milliseconds(200))) { watch.byteCount != seen }
    }
  }

  private func registers() async -> [UInt8]? {
    var text: [UInt8] = []
    for command in BootSession.monitorCommands {
      guard let answer = try? await guest.probe(.monitor(command), within: BootSession.monitorTime) else { break }
      text += Array("(qemu) \(command)\n\(answer)\n".utf8).filter { $0 != UInt8(ascii: "\r") }
    }
    return text.isEmpty ? nil : text
  }

  private func keep(_ bytes: [UInt8], as file: String, in kept: inout GuestEvidence) async throws {
    try await emit(.evidence(boot: plan.id, file: file, bytes: bytes))
    kept.files.append(EvidenceLayout.path(of: file, boot: plan.id))
  }

  /// Keeps the guest's memory if this was requested. A failure is reported and has no other effect.
  func keepMemory(_ occasion: MemoryDumps.Occasion) async {
    guard let dumps = settings.dumps, dumps.occasions.contains(occasion), end == nil, evidence?.memory == nil else {
      return
    }
    let file = EvidenceLayout.path(of: "memory.elf", boot: plan.id)
    let size = plan.planned.suite.guest.memory.bytes
    do {
      // A slow disk and a busy processor manage 20 MB/s.
      let limit = Duration.seconds(60 + Int64(size / 20_000_000))
      _ = try await guest.probe(.memory(path: "\(dumps.directory)/\(file)"), within: limit)
      var kept = evidence ?? GuestEvidence()
      kept.memory = file
      kept.vmlinux = plan.planned.kernel.vmlinux
      evidence = kept
    } catch { try? await emit(.notice("boot \(plan.id): cannot keep its memory: \(error)")) }
  }
}

/// The paths of evidence in a run's directory.
package enum EvidenceLayout {
  package static func path(of file: String, boot: Int) -> String { "evidence/boot-\(boot)/\(file)" }
}

extension KernelBuild {
  /// The uncompressed kernel with its symbols; nil if only the booted image is known.
  var vmlinux: String? {
    // A kernel that was extracted from a package's image has no symbols.
    guard moduleLayout == .buildTree else { return nil }
    if imageFormat == .vmlinux { return imagePath }
    guard let path = modulesPath.map({ "\($0)/vmlinux" }), Files.exists(path) else { return nil }
    return path
  }
}
