import CLinux
import Glibc
import GuestProtocol

/// The write end of the pipe through which SIGCHLD wakes the loop; signalfd would need CONFIG_SIGNALFD.
nonisolated(unsafe) private var wakeDescriptor: Int32 = -1

/// PID 1 of every guest: one loop over the host's channel and the pipes of the running case.
struct Agent {
  private let log: KernelLog
  private let channel: Channel
  private let logSettings: KernelLogSettings
  private var logReader: KernelLogReader
  /// The counts when the running case began.
  private var countsBefore: KernelCounts
  private var decoder = FrameDecoder()
  private var running: CaseProcess?
  /// What runs beside it.
  private var beside: CaseLoad?
  /// Whether the guest's clock counts instructions. It jumps ahead while the guest waits, so it cannot tell how long the
  /// host takes; and while a case measures, the agent is silent.
  private let countsInstructions: Bool
  private var held = HeldMessages()
  private var wake: Int32 = -1
  private var hostHasSpoken = false
  /// The time by the guest's clock when a host that has never answered is given up.
  private var silenceEnds: UInt64 = .max
  private var chunk = [UInt8](repeating: 0, count: 1 << 16)

  init() {
    mountFileSystems()
    log = KernelLog()
    try? writeFile("/proc/self/oom_score_adj", "-1000")
    if Agent.kernelParameter(Marker.channelParameter) == "none" { Agent.powerOff() }
    loadEarlyModules(log: log)
    countsInstructions = Agent.kernelParameter(Marker.clockParameter) == Marker.countingClock
    guard let channel = Channel.open(patience: countsInstructions ? 20 : 1) else {
      log.write("ktest: no virtio port \(Marker.channelName) and no /dev/ttyS1: cannot reach the host")
      Agent.powerOff()
    }
    self.channel = channel
    logSettings = KernelLogSettings()
    logReader = KernelLogReader()
    countsBefore = KernelCounts()
  }

  mutating func run() -> Never {
    installWake()
    guard channel.waitForHost(milliseconds: Agent.connectionPatience * (countsInstructions ? 100 : 1)) else {
      log.write("ktest: no host is connected")
      Agent.powerOff()
    }
    if !countsInstructions { silenceEnds = uptimeMilliseconds() + Agent.silencePatience }
    send(.hello(Agent.hello(channel: channel.kind, logFailure: log.failure)))
    while true {
      waitForSomething()
      reapChildren()
      enforceDeadline()
    }
  }

  /// The time in milliseconds to wait for a connection. A virtio port knows whether its other end is connected, which
  /// libvirt does before it resumes the guest. QEMU's notification may come after the port's name, without any action
  /// by ktest.
  private static let connectionPatience: UInt64 = 10_000
  /// The time in milliseconds to wait for an answer. The host answers a hello at once, but a serial port does not show
  /// when the host is gone.
  private static let silencePatience: UInt64 = 600_000

  private func send(_ message: GuestMessage) { sender(message) }

  /// Sends what a running case tells, now or when it has ended.
  private mutating func tell(_ messages: [GuestMessage]) {
    guard countsInstructions else { return messages.forEach(send) }
    if held.keep(messages) { tellHeld() }
  }

  private mutating func tellHeld() { held.take().forEach(send) }

  /// A sender made of copies, so that it can be used while the agent changes.
  private var sender: (GuestMessage) -> Void {
    let (channel, log) = (channel, log)
    return { if !channel.send($0) { Agent.hostIsGone(log) } }
  }

  /// Powers off because ktest was killed: nobody needs this guest any more, and nobody else will end it.
  private static func hostIsGone(_ log: KernelLog) -> Never {
    log.write("ktest: the host is gone")
    Agent.powerOff()
  }

  private static func hello(channel: String, logFailure: String) -> Hello {
    var flags: [String] = []
    for line in (readText("/proc/cpuinfo") ?? "").split(separator: "\n") where line.hasPrefix("flags") {
      flags = line.drop { $0 != ":" }.dropFirst().split(separator: " ").map(String.init)
      break
    }
    let release = readText("/proc/sys/kernel/osrelease")?.split(separator: "\n").first.map(String.init) ?? ""
    return Hello(
      version: Hello.currentVersion, release: release, uptimeMilliseconds: uptimeMilliseconds(), cpuFlags: flags,
      channel: channel, logFailure: logFailure,
      commandLine: readText("/proc/cmdline")?.split(separator: "\n").first.map(String.init) ?? "")
  }

  private static func kernelParameter(_ name: String) -> String? {
    let words = (readText("/proc/cmdline") ?? "").split { $0 == " " || $0 == "\n" }
    return words.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.count + 1)) }
  }

  private mutating func installWake() {
    var ends: [Int32] = [-1, -1]
    _ = ktest_pipe(&ends, O_CLOEXEC | O_NONBLOCK)
    (wake, wakeDescriptor) = (ends[0], ends[1])
    signal(SIGCHLD) { _ in
      let saved = errno
      var byte: UInt8 = 0
      _ = write(wakeDescriptor, &byte, 1)
      errno = saved
    }
    signal(SIGPIPE, SIG_IGN)
  }

  // MARK: - The loop

  private mutating func waitForSomething() {
    var wait: Int32 = -1
    if let deadline = hostHasSpoken ? running?.deadline : silenceEnds, deadline != .max {
      let now = uptimeMilliseconds()
      wait = deadline > now ? Int32(clamping: deadline - now) : 0
    }
    let watched = [channel.descriptor, wake] + (running?.descriptors ?? []) + (logReader.polled.map { [$0] } ?? [])
    var polls = watched.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    guard poll(&polls, nfds_t(polls.count), wait) > 0 else {
      if !hostHasSpoken, uptimeMilliseconds() >= silenceEnds {
        log.write("ktest: the host does not answer")
        Agent.powerOff()
      }
      return
    }
    var told: [GuestMessage] = []
    for entry in polls where entry.revents != 0 {
      switch entry.fd {
      case channel.descriptor: readChannel(entry.revents)
      case wake: while read(wake, &chunk, chunk.count) > 0 {}
      case logReader.polled: passOnLog()
      default: running?.drain(entry.fd, into: &chunk) { told.append($0) }
      }
      tell(told)
      told = []
    }
  }

  private mutating func readChannel(_ events: Int16) {
    if events & Int16(POLLIN) != 0 {
      let count = read(channel.descriptor, &chunk, chunk.count)
      if count > 0 {
        hostHasSpoken = true
        decoder.push(chunk[..<count])
        return handleFrames()
      }
      if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
    }
    // It was connected, or the hello could not have been sent.
    if channel.kind == "virtio" || hostHasSpoken { Agent.hostIsGone(log) }
    pause(milliseconds: 2)
  }

  private mutating func handleFrames() {
    do {
      while let frame = try decoder.next() { handle(try HostMessage(frame: frame)) }
    } catch {
      log.write("ktest: \(error)")
      Agent.powerOff()
    }
  }

  private mutating func handle(_ message: HostMessage) {
    switch message {
    case .loadModules(let modules):
      for module in modules { send(.moduleLoaded(name: module.name, error: load(module))) }
    case .prepare(let settings): send(.prepared(failures: settings.compactMap(Agent.apply)))
    case .runCase(let request): start(request)
    case .stopCase(let id):
      guard running?.request.id == id else { return }
      tellHeld()
      logReader.end()
      running?.signalNext()
    case .continueCase(let id, let milliseconds):
      if running?.request.id == id { running?.goOn(milliseconds: milliseconds) }
    case .sysrq(let key):
      // What the kernel prints from here on is what the host asks for.
      logReader.end()
      send(.sysrqDone(key: key, failure: Agent.sysrq(key)))
    case .exitAgent: exit(1)
    case .powerOff: Agent.powerOff()
    case .wake(let entropy, let nanoseconds):
      let failures = awaken(entropy: entropy, nanoseconds: nanoseconds)
      if !failures.isEmpty { send(.notice("a clone is not as it should be: \(failures.joined(separator: "; "))")) }
      send(.hello(Agent.hello(channel: channel.kind, logFailure: log.failure)))
    case .ready(let token): log.write(Marker.ready.line(token: token))
    }
  }

  /// Presses a SysRq key (Documentation/admin-guide/sysrq.rst); the write returns when everything is printed.
  private static func sysrq(_ key: UInt8) -> String {
    do {
      try writeFile("/proc/sysrq-trigger", String(UnicodeScalar(key)))
      return ""
    } catch { return error.description }
  }

  private static func apply(_ setting: SettingWrite) -> String? {
    do {
      try writeFile(setting.path, setting.value)
      return nil
    } catch { return error.description }
  }

  // MARK: - Cases

  private mutating func start(_ request: CaseRequest) {
    logReader.begin()
    log.write(Marker.begin(case: request.id).line(token: request.secrets.begin))
    countsBefore = KernelCounts()
    send(.caseStarted(id: request.id))
    do {
      if let wanted = request.load { beside = try CaseLoad(wanted) }
      running = try CaseProcess(request)
    } catch {
      endLoad()
      sayEnd(CaseEnd(id: request.id, outcome: .notStarted(error.description)), of: request)
    }
  }

  /// Sends the last message of a case: the state of its log, and the line in the log that ends the case.
  private mutating func sayEnd(_ end: CaseEnd, of request: CaseRequest) {
    var end = end
    // This comes first, because the line itself must get through.
    end.log = countsBefore.report(changes: logSettings.restore())
    log.write(Marker.end(case: request.id).line(token: request.secrets.end))
    passOnLog(of: request)
    tellHeld()
    end.log.isIncomplete = logReader.isIncomplete
    logReader.end()
    end.key = request.secrets.key
    send(.caseEnded(end))
  }

  private mutating func passOnLog(of ended: CaseRequest? = nil) {
    guard let request = ended ?? running?.request else { return logReader.end() }
    // While the case runs, other work continues; at its end all output is read, unless it never stops.
    for _ in 0..<(ended == nil ? 1 : 256) {
      guard let bytes = logReader.take() else { return }
      if !bytes.isEmpty { tell([.kernelLog(id: request.id, key: request.secrets.key, bytes: bytes)]) }
    }
  }

  private mutating func enforceDeadline() {
    guard let deadline = running?.deadline, uptimeMilliseconds() >= deadline else { return }
    if running?.killAt == nil {
      running?.timedOut = true
      tellHeld()
      if running?.waitsForHost() == true, let id = running?.request.id { return send(.caseLate(id: id)) }
    }
    let insisted = running?.killAt != nil
    running?.signalNext()
    // A process that survives SIGKILL hangs in the kernel; waiting for it would never end.
    if insisted, let process = running, !childGoes(process.pid, within: 2000) {
      finish(waitStatus: SIGKILL, usage: rusage(), leftover: true)
    }
  }

  private func childGoes(_ pid: pid_t, within milliseconds: UInt64) -> Bool {
    let deadline = uptimeMilliseconds() + milliseconds
    var info = siginfo_t()
    while uptimeMilliseconds() < deadline {
      info = siginfo_t()
      if waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_signo == SIGCHLD { return true }
      pause(milliseconds: 5)
    }
    return false
  }

  private mutating func reapChildren() {
    var status: Int32 = 0
    var usage = rusage()
    while true {
      let pid = wait4(-1, &status, WNOHANG, &usage)
      guard pid > 0 else { return }
      if let process = running, pid == process.pid { finish(waitStatus: status, usage: usage, leftover: false) }
    }
  }

  private mutating func finish(waitStatus: Int32, usage: rusage, leftover: Bool) {
    guard var process = running else { return }
    tellHeld()
    let sender = sender
    // Kill what the case left in the background before reading its pipes to their end.
    kill(-1, SIGKILL)
    endLoad()
    let survivors = leftover || !allChildrenGo(within: 2000)
    while !survivors, let next = process.descriptors.first { process.drain(next, into: &chunk, send: sender) }
    process.closeAll()
    process.sendArtefacts(sender)
    running = nil
    sayEnd(process.end(waitStatus: waitStatus, usage: usage, leftover: survivors), of: process.request)
  }

  private mutating func endLoad() {
    beside?.end()
    beside = nil
  }

  private func allChildrenGo(within milliseconds: UInt64) -> Bool {
    let deadline = uptimeMilliseconds() + milliseconds
    while uptimeMilliseconds() < deadline {
      var status: Int32 = 0
      let pid = waitpid(-1, &status, WNOHANG)
      if pid < 0 && errno == ECHILD { return true }
      if pid == 0 { pause(milliseconds: 1) }
    }
    return false
  }

  private static func powerOff() -> Never {
    _ = ktest_power_off()
    // Without ACPI the kernel only halts; a reset ends a guest that may not reboot.
    _ = ktest_reset()
    while true { pause(milliseconds: 1000) }
  }
}
