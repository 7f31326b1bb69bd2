internal import Foundation
internal import GuestProtocol

/// A guest under libvirt, with blocking calls on its own executor and events from callbacks in a queue.
actor LibvirtGuest: Guest {
  let description: GuestDescription
  private let connection: VirtConnection
  private let root: EmbeddedRoot?
  private let forks: Result<ForkMemory, GuestError>
  private let owner: GuestOwner
  private let executor: GuestExecutor
  private let flow: GuestFlow

  private var domain: VirtDomain?
  private var functionCounts: ReceivedFile?
  private var console: VirtStream?
  private var channel: VirtStream?
  private var subscription: VirtSubscription?
  /// The directory with the memory of a guest that may become a template.
  private var templateDirectory: String?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  init(
    _ description: GuestDescription, connection: VirtConnection, root: EmbeddedRoot?,
    forks: Result<ForkMemory, GuestError>, owner: GuestOwner
  ) {
    self.forks = forks
    self.description = description
    self.connection = connection
    self.root = root
    self.owner = owner
    executor = GuestExecutor(label: description.name)
    flow = GuestFlow(consoleLog: root?.consoleLog(of: description.name))
  }

  private var consoleLog: String? { root?.consoleLog(of: description.name) }

  /// Starts the guest paused, connects to it, then resumes it, so that no output is lost.
  func start() throws {
    try create()
    guard let domain else { throw GuestError.gone(name: description.name) }
    try domain.resume()
  }

  /// Lets a clone that has been created go on where its template was stopped. A call into libvirt may wait forever, as in
  /// ``probe(_:within:)``.
  nonisolated func goOn(from template: GuestTemplate, within limit: Duration) async throws(GuestError) {
    do { try await limited(to: limit) { try await $0.goOn(from: template) } } catch { throw LibvirtGuest.noFork(error) }
  }

  private func goOn(from template: GuestTemplate) throws {
    guard let domain else { throw GuestError.gone(name: description.name) }
    try readState(of: template, into: domain)
    try domain.resume()
  }

  nonisolated func freeze(within limit: Duration) async throws(GuestError) -> GuestTemplate {
    do { return try await limited(to: limit) { try await $0.freeze() } } catch { throw LibvirtGuest.noFork(error) }
  }

  private func freeze() throws -> GuestTemplate {
    guard let domain, let directory = templateDirectory, !flow.hasStopped else {
      throw GuestError.gone(name: description.name)
    }
    try writeState(to: directory + "/state", of: domain)
    flow.killed()
    // A clone must not see what the template still writes. libvirt is told later.
    guard let pid = root?.processID(of: description.name), EmbeddedRoot.kill(pid) else {
      throw GuestError.noFork("its QEMU does not end")
    }
    templateDirectory = nil
    return GuestTemplate(description, directory: directory)
  }

  private static func noFork(_ error: any Error) -> GuestError {
    if case GuestError.noFork? = error as? GuestError { return error as? GuestError ?? .noFork("") }
    return .noFork("\(error)")
  }

  /// Creates the guest paused before its first instruction, or before it has its state, and connects to it.
  func create() throws {
    if let consoleLog { unlink(consoleLog) }
    let xml = DomainXML(
      try described(), consoleLog: consoleLog, owner: owner.text, exitsByItself: root != nil, user: root?.files.user,
      functionCounts: functionCounts?.path)
    // QEMU has read its kernel and initramfs when it answers.
    defer { root?.files.takeBack(from: description.name) }
    let domain = try placed(xml.text)
    self.domain = domain
    subscription = try domain.subscribe { [flow] in flow.lifecycle($0) }
    console = try domain.openConsole(device: DomainXML.consoleAlias) { [flow] in flow.console($0) }
    switch description.channel {
    case .virtio: channel = try domain.openChannel("org.ktest.agent") { [flow] in flow.channel($0) }
    case .serial:
      channel = try domain.openConsole(device: DomainXML.serialChannelAlias) { [flow] in flow.channel($0) }
    }
    flow.onRoom { [weak console, weak channel] in
      console?.resumeReading()
      channel?.resumeReading()
    }
  }

  private func placed(_ xml: String) throws -> VirtDomain {
    guard description.origin != .boot else {
      let domain = try created(xml)
      try? forks.get().note(domain.id)
      return domain
    }
    let (domain, directory) = try forks.get().start(description) { try created(xml) }
    if description.origin == .template { templateDirectory = directory }
    return domain
  }

  private func created(_ xml: String) throws -> VirtDomain {
    do {
      return try connection.createPaused(xml: xml, name: description.name)
    } catch {
      if description.functionPlugin != nil, error.message.contains("plugin") {
        throw GuestError.refusedPlugin(error.message)
      }
      // The embedded driver takes every argument of QEMU; whatever went wrong there is something else.
      guard description.countsInstructions, root == nil else { throw error }
      throw GuestError.refusedClock("\(error)")
    }
  }

  nonisolated func next(before deadline: ContinuousClock.Instant?) async -> GuestWait {
    await flow.queue.next(before: deadline)
  }

  /// Returns the description with files that its QEMU can read.
  private func described() throws -> GuestDescription {
    guard let files = root?.files else { return description }
    var reachable = description
    reachable.kernel = try files.lend(description.kernel, to: description.name, as: "kernel")
    reachable.initramfs = try description.initramfs.map { path throws(GuestError) in
      try files.lend(path, to: description.name, as: "initramfs")
    }
    reachable.functionPlugin = try description.functionPlugin.map { path throws(GuestError) in
      try files.lend(path, to: description.name, as: "plugin")
    }
    if description.functionPlugin != nil {
      functionCounts = try files.receive(from: description.name, as: "functions")
    }
    return reachable
  }

  func send(_ message: HostMessage) throws {
    guard let channel else { throw GuestError.gone(name: description.name) }
    do { try channel.send(message.frame.encoded) } catch { throw GuestError.gone(name: description.name) }
  }

  func kill() {
    flow.killed()
    // Kill QEMU first and directly: libvirt terminates it gently and then checks every second whether it has ended.
    if let pid = root?.processID(of: description.name) { EmbeddedRoot.kill(pid) }
    try? domain?.destroy()
  }

  /// Inspects the guest. A call into libvirt may wait for QEMU's monitor forever; ending QEMU ends the wait. On a busy host
  /// the limit is extended by the time for which QEMU or ktest could not run.
  nonisolated func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String {
    try await limited(to: limit) { try await $0.perform(probe) }
  }

  private nonisolated func limited<Result: Sendable>(
    to limit: Duration, _ body: (LibvirtGuest) async throws -> Result
  ) async throws -> Result {
    let watchdog = Task { [root, description, flow] in
      let pid = root?.processID(of: description.name)
      try await sleepFairly(limit) { pid.map(ProcessorThreads.waits(ofCallInto:)) ?? [:] }
      flow.killed()
      if let pid = root?.processID(of: description.name) { Glibc.kill(pid, SIGKILL) }
    }
    defer { watchdog.cancel() }
    return try await body(self)
  }

  private func perform(_ probe: GuestProbe) throws -> String {
    guard let domain, !flow.hasStopped else { throw GuestError.gone(name: description.name) }
    switch probe {
    case .monitor(let command): return try domain.askQEMU(command)
    case .nmi:
      // Output from an NMI reaches the console after pvpanic has fired, when QEMU would end the guest.
      _ = try domain.askQEMU(#"{"execute": "set-action", "arguments": {"panic": "none"}}"#, isQMP: true)
      try domain.injectNMI()
    case .sysrq(let key):
      guard let console else { throw GuestError.gone(name: description.name) }
      let message = #"{"execute": "chardev-send-break", "arguments": {"id": "char\#(DomainXML.consoleAlias)"}}"#
      _ = try domain.askQEMU(message, isQMP: true)
      try console.send([key])
    case .memory(let path):
      guard root != nil else { throw GuestError.noProbe("memory images need the embedded driver, without --connect") }
      try GuestMemoryImage.prepare(path, memory: description.memory)
      try domain.dumpMemory(to: path)
    }
    return ""
  }

  nonisolated func catchUp() async { flow.catchUp() }

  nonisolated func processorWaits() async -> [Int32: Double]? {
    root?.processID(of: description.name).map(ProcessorThreads.waits(ofProcess:))
  }

  func takeFunctionCounts() -> [UInt8]? { functionCounts?.readNew() }

  func killQEMU() {
    guard let pid = root?.processID(of: description.name) else { return kill() }
    EmbeddedRoot.kill(pid)
  }

  /// How long QEMU may take from its last output to its end, in milliseconds.
  private static let exitLimit: Int32 = 10_000

  /// Makes sure that nothing of the guest is left.
  func end() {
    if !flow.hasStopped {
      kill()
    } else if let pid = root?.processID(of: description.name) {
      // It has closed its streams, which is believed to be the end, and has its last lines before it.
      EmbeddedRoot.end(pid, within: LibvirtGuest.exitLimit)
    }
    channel = nil
    console = nil
    subscription = nil
    domain = nil
    if let templateDirectory { ForkMemory.remove(templateDirectory) }
    root?.removeTraces(of: description.name)
  }
}
