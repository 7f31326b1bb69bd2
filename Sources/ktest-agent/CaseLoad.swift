import CLinux
import Glibc
import GuestProtocol

/// The load beside a case: processes of this executable, each in a session of its own.
struct CaseLoad {
  private var running: [pid_t] = []

  /// Starts what is asked for; what had been started is ended if something cannot be.
  init(_ request: LoadRequest) throws(SystemError) {
    let processors = max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let busy = min(Int(request.busyPerProcessor) * processors, CaseLoad.most)
    do {
      for _ in 0..<busy { running.append(try CaseLoad.start("busy")) }
      running.append(try CaseLoad.start("\(min(request.memoryLeftPercent, 100))"))
    } catch {
      end()
      throw error
    }
  }

  private static let most = 4096

  private static func start(_ what: String) throws(SystemError) -> pid_t {
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, ktest_spawn_new_session())
    var child: pid_t = 0
    let program = access("/proc/self/exe", X_OK) == 0 ? "/proc/self/exe" : "/init"
    let code = withCStrings([program, "--load", what]) { posix_spawn(&child, program, nil, &attributes, $0, [nil]) }
    guard code == 0 else { throw SystemError("start the load beside the case", code) }
    return child
  }

  /// How long a process that is killed may take to give its memory back, in milliseconds: a page takes some microseconds
  /// where every instruction is emulated.
  private static let patience: UInt64 = 60_000

  /// Ends it, and waits until its memory is free again.
  mutating func end() {
    for pid in running { kill(pid, SIGKILL) }
    let deadline = uptimeMilliseconds() + CaseLoad.patience
    for pid in running {
      var status: Int32 = 0
      while waitpid(pid, &status, WNOHANG) == 0, uptimeMilliseconds() < deadline { pause(milliseconds: 1) }
    }
    running = []
  }
}

/// Where a busy process leaves its result, so that no compiler takes the calculation away.
nonisolated(unsafe) private var calculated: UInt64 = 88_172_645_463_325_252

/// `init --load busy` calculates, `init --load PERCENT` takes memory until so much is left, lets go, and begins again.
func runLoad(_ what: String) -> Never {
  // If memory does run out, the load must go, not the test.
  try? writeFile("/proc/self/oom_score_adj", "1000")
  guard let percent = UInt64(what) else {
    while true {
      var number = calculated
      for _ in 0..<1_000_000 {
        number ^= number << 13
        number ^= number >> 7
        number ^= number << 17
      }
      calculated = number
    }
  }
  let piece = 4 << 20
  let page = Int(sysconf(Int32(_SC_PAGESIZE)))
  while true {
    var taken: [UnsafeMutableRawPointer] = []
    while let memory = memoryKiB(), memory.available * 100 > memory.total * percent {
      let start = mmap(nil, piece, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
      guard let start, start != MAP_FAILED else { break }
      taken.append(start)
      for offset in stride(from: 0, to: piece, by: page) {
        start.storeBytes(of: 1, toByteOffset: offset, as: UInt8.self)
      }
    }
    for start in taken { munmap(start, piece) }
    // A test that has all of the memory itself is left alone for a moment.
    if taken.isEmpty { pause(milliseconds: 10) }
  }
}

/// Returns the memory of the guest, in KiB; nil if the kernel does not say (Documentation/filesystems/proc.rst).
private func memoryKiB() -> (total: UInt64, available: UInt64)? {
  var found: [Substring: UInt64] = [:]
  for line in (readText("/proc/meminfo") ?? "").split(separator: "\n").prefix(3) {
    let words = line.split(separator: " ")
    if words.count > 1 { found[words[0]] = UInt64(words[1]) }
  }
  guard let total = found["MemTotal:"], let available = found["MemAvailable:"] else { return nil }
  return (total, available)
}
