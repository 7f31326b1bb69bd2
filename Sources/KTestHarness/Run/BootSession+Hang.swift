internal import GuestProtocol

/// What is done with a guest that hangs, before it is ended. Everything is bounded in time, and nothing of it changes a
/// verdict.
extension BootSession {
  /// How long the agent leaves a late case alone while the host looks. Only a host that has forgotten it lets this pass.
  static let patience = Duration.seconds(60)
  /// For the agent to do what one key asks for; a list of all tasks is long, and a serial line slow.
  private static let dumpTime = Duration.seconds(10)
  /// For an agent that has not answered in its time to answer after all, and for the serial line.
  private static let lastChance = Duration.seconds(1)
  /// For QEMU's monitor.
  private static let monitorTime = Duration.seconds(10)
  private static let monitorCommands = ["info status", "info cpus", "info registers -a"]

  /// Asks the kernel for its tasks: by the agent, else by the serial line, else by an NMI; and QEMU for the processors.
  ///
  /// - Parameter byAgent: it has just said that the case is late.
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

  /// The last means: a kernel that takes no interrupts says by this where it is, and panics.
  private func provokePanic() async throws {
    try await note(watch.endProvoked())
    try await note(watch.beginProvoked(.nmi))
    guard (try? await guest.probe(.nmi, within: BootSession.monitorTime)) != nil else {
      return try await note(watch.endProvoked())
    }
    try await waitFairly(settings.scaled(BootSession.lastChance)) { hasPanicked || end != nil }
    try await quiet()
  }

  /// Waits like ``wait(before:until:)``, and longer by the time for which the guest's processors had none of the host: on a
  /// busy host a kernel that answers at once can take many seconds for it.
  @discardableResult
  private func waitFairly(_ limit: Duration, until condition: () -> Bool) async throws -> Bool {
    let start = clock.now
    var patience = FairPatience(limit: limit, waits: await guest.processorWaits() ?? [:])
    while true {
      if try await wait(before: start + patience.duration, until: condition) { return true }
      guard end == nil, !isCancelled else { return condition() }
      let waits = await guest.processorWaits() ?? [:]
      guard patience.extend(waits: waits) else { return condition() }
    }
  }

  /// The console comes later than the agent's word: waits until nothing has come for a while.
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

  /// Keeps the guest's memory where that was asked for. What prevents it is told, and prevents nothing else.
  func keepMemory(_ occasion: MemoryDumps.Occasion) async {
    guard let dumps = settings.dumps, dumps.occasions.contains(occasion), end == nil, evidence?.memory == nil else {
      return
    }
    let file = EvidenceLayout.path(of: "memory.elf", boot: plan.id)
    let size = plan.planned.suite.guest.memory.bytes
    do {
      // 20 MB/s is what a slow disk and a busy processor manage.
      let limit = Duration.seconds(60 + Int64(size / 20_000_000))
      _ = try await guest.probe(.memory(path: "\(dumps.directory)/\(file)"), within: limit)
      var kept = evidence ?? GuestEvidence()
      kept.memory = file
      kept.vmlinux = plan.planned.kernel.vmlinux
      evidence = kept
    } catch { try? await emit(.notice("boot \(plan.id): its memory is not kept: \(error)")) }
  }
}

/// Where what is kept of a guest lies in a run's directory.
public enum EvidenceLayout {
  public static func path(of file: String, boot: Int) -> String { "evidence/boot-\(boot)/\(file)" }
}

extension KernelBuild {
  /// The uncompressed kernel with its symbols; nil where only what boots is known.
  var vmlinux: String? {
    // What is unpacked from a package's image has no symbols.
    guard moduleLayout == .buildTree else { return nil }
    if imageFormat == .vmlinux { return imagePath }
    guard let path = modulesPath.map({ "\($0)/vmlinux" }), Files.exists(path) else { return nil }
    return path
  }
}
