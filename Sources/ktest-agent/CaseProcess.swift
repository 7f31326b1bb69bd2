import CLinux
import Glibc
import GuestProtocol

/// A running case: its process, its pipes, its limits.
struct CaseProcess {
  let request: CaseRequest
  let pid: pid_t
  let started: UInt64
  /// The read ends of the pipes; -1 once they have ended.
  var output: Int32
  var error: Int32
  /// The pipe that carries the reason if the program could not be started.
  var status: Int32
  var startFailure: [UInt8] = []
  var passedOutput: UInt64 = 0
  var droppedOutput: UInt64 = 0
  /// When the next, harder signal is due; nil while the case may continue.
  var killAt: UInt64?
  var timedOut = false
  /// The time until which the host may inspect the guest; nil while the case may continue.
  private var patienceEnds: UInt64?
  /// The time that the host has added to the case's own.
  private var addedMilliseconds: UInt64 = 0
  private let oomKillsBefore: Int
  let directory: String

  var deadline: UInt64 { killAt ?? patienceEnds ?? (started + request.timeoutMilliseconds + addedMilliseconds) }
  var descriptors: [Int32] { [output, error, status].filter { $0 >= 0 } }

  /// The time between SIGTERM and SIGKILL in milliseconds of guest time.
  static let grace: UInt64 = 1000

  init(_ request: CaseRequest) throws(SystemError) {
    guard request.arguments.first?.isEmpty == false else { throw SystemError("start an empty command", EINVAL) }
    self.request = request
    directory = "/tmp/case-\(request.id)"
    guard mkdir(directory, 0o755) == 0 || errno == EEXIST else { throw SystemError("make \(directory)") }
    let group = try CaseProcess.limitGroup(request)
    let pipes = try [Pipe(), Pipe(), Pipe()]
    oomKillsBefore = CaseProcess.oomKills()
    started = uptimeMilliseconds()
    pid = try CaseProcess.spawn(request, group: group, directory: directory, pipes: pipes)
    for pipe in pipes { close(pipe.writeEnd) }
    (output, error, status) = (pipes[0].readEnd, pipes[1].readEnd, pipes[2].readEnd)
  }

  private struct Pipe {
    var readEnd: Int32
    var writeEnd: Int32

    init() throws(SystemError) {
      var ends: [Int32] = [-1, -1]
      guard ktest_pipe(&ends, O_CLOEXEC) == 0 else { throw SystemError("make a pipe") }
      (readEnd, writeEnd) = (ends[0], ends[1])
    }
  }

  private static func spawn(
    _ request: CaseRequest, group: String, directory: String, pipes: [Pipe]
  ) throws(SystemError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    for (number, pipe) in pipes.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, pipe.writeEnd, Int32(number + 1))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, ktest_spawn_new_session())
    let environment =
      [
        "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(directory)", "TMPDIR=\(directory)", "LANG=C",
        "TERM=dumb",
      ] + request.environment
    var child: pid_t = 0
    // An earlier case may have deleted or replaced /init; /proc/self/exe is this program. Without procfs it is a link
    // in the initramfs, or missing.
    let program = access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : "/init"
    let code = withCStrings([program, "--case", group, directory, "--"] + request.arguments) { arguments in
      withCStrings(environment) { posix_spawn(&child, program, &actions, &attributes, arguments, $0) }
    }
    guard code == 0 else { throw SystemError("start \(program) for the case", code) }
    return child
  }

  /// Creates a control group with the request's memory limit; returns an empty string if there is no limit.
  private static func limitGroup(_ request: CaseRequest) throws(SystemError) -> String {
    guard request.memoryLimit > 0 else { return "" }
    try writeFile("/sys/fs/cgroup/cgroup.subtree_control", "+memory")
    let group = "/sys/fs/cgroup/case-\(request.id)"
    guard mkdir(group, 0o755) == 0 || errno == EEXIST else { throw SystemError("make \(group)") }
    try writeFile("\(group)/memory.max", String(request.memoryLimit))
    return group
  }

  /// Returns the kernel's count of OOM kills since boot (Documentation/filesystems/proc, vmstat).
  private static func oomKills() -> Int {
    guard let text = readText("/proc/vmstat") else { return 0 }
    for line in text.split(separator: "\n") where line.hasPrefix("oom_kill ") { return Int(line.dropFirst(9)) ?? 0 }
    return 0
  }

  /// Reads from one pipe and passes on what the limit allows. Closes the pipe at its end.
  mutating func drain(_ descriptor: Int32, into chunk: inout [UInt8], send: (GuestMessage) -> Void) {
    let count = read(descriptor, &chunk, chunk.count)
    if count < 0 && (errno == EINTR || errno == EAGAIN) { return }
    guard count > 0 else { return closePipe(descriptor) }
    if descriptor == status {
      startFailure.append(contentsOf: chunk[..<count])
      return
    }
    let room = request.outputLimit == 0 ? UInt64.max : request.outputLimit - passedOutput
    let passed = min(UInt64(count), room)
    if passed > 0 {
      send(.output(id: request.id, isError: descriptor == error, bytes: Array(chunk[..<Int(passed)])))
    }
    passedOutput += passed
    droppedOutput += UInt64(count) - passed
  }

  private mutating func closePipe(_ descriptor: Int32) {
    close(descriptor)
    if descriptor == output { output = -1 }
    if descriptor == error { error = -1 }
    if descriptor == status { status = -1 }
  }

  mutating func closeAll() { for descriptor in descriptors { closePipe(descriptor) } }

  /// Returns whether a case that timed out is left alone so that the host can inspect it. This happens once, because
  /// the host may be gone.
  mutating func waitsForHost() -> Bool {
    guard patienceEnds == nil, request.patienceMilliseconds > 0 else { return false }
    patienceEnds = uptimeMilliseconds() + request.patienceMilliseconds
    return true
  }

  /// Gives a case that is late more time, unless it is already being ended.
  mutating func goOn(milliseconds: UInt64) {
    guard killAt == nil else { return }
    (timedOut, patienceEnds) = (false, nil)
    addedMilliseconds += min(milliseconds, CaseProcess.mostAdded)
  }

  /// A week in milliseconds: no sum of what a host adds overflows.
  private static let mostAdded: UInt64 = 7 * 24 * 3600 * 1000

  /// Sends the next signal: SIGTERM to the session's process group, then SIGKILL to everything that is left.
  mutating func signalNext() {
    if killAt == nil {
      kill(-pid, SIGTERM)
      killAt = uptimeMilliseconds() + CaseProcess.grace
    } else {
      kill(-1, SIGKILL)
      killAt = .max
    }
  }

  func end(waitStatus: Int32, usage: rusage, leftover: Bool) -> CaseEnd {
    let signal = waitStatus & 0x7f
    var outcome = CaseEnd.Outcome.exited(status: UInt8(truncatingIfNeeded: (waitStatus >> 8) & 0xff))
    if signal != 0 { outcome = .signalled(signal: UInt8(signal)) }
    if !startFailure.isEmpty { outcome = .notStarted(String(decoding: startFailure, as: UTF8.self)) }
    return CaseEnd(
      id: request.id, outcome: outcome, timedOut: timedOut,
      outOfMemory: CaseProcess.oomKills() > oomKillsBefore, droppedOutput: droppedOutput, leftover: leftover,
      wallMilliseconds: uptimeMilliseconds() - started, userMilliseconds: CaseProcess.milliseconds(usage.ru_utime),
      systemMilliseconds: CaseProcess.milliseconds(usage.ru_stime), peakResidentKiB: UInt64(usage.ru_maxrss))
  }

  private static func milliseconds(_ time: timeval) -> UInt64 {
    UInt64(time.tv_sec) * 1000 + UInt64(time.tv_usec) / 1000
  }
}
