import GuestProtocol

/// One of every message, with values at their edges.
enum MessageSamples {
  static let strange = "a'\"<>&\u{0}\n\u{1b}[2Jé日本"

  static let host: [HostMessage] = [
    .loadModules([]),
    .loadModules([
      ModuleLoad(name: "a", path: "/a.ko"),
      ModuleLoad(name: strange, path: "", parameters: "x=0x4 y=\"a b\"", isOptional: true),
    ]),
    .prepare([]), .prepare([SettingWrite(path: "/sys/kernel/x", value: strange)]),
    .runCase(CaseRequest(id: 0, name: "", arguments: [], timeoutMilliseconds: 0)),
    .runCase(
      CaseRequest(
        id: .max, name: strange, arguments: ["/bin/x", "", strange], environment: ["A=b", ""],
        timeoutMilliseconds: .max, patienceMilliseconds: 3, memoryLimit: .max, outputLimit: 1, artefacts: ["*.txt"],
        load: LoadRequest(busyPerProcessor: 1, memoryLeftPercent: .max),
        secrets: CaseSecrets(begin: "", end: strange, key: .max))),
    .stopCase(id: 7), .continueCase(id: 0, milliseconds: 0), .continueCase(id: .max, milliseconds: .max),
    .sysrq(UInt8(ascii: "c")), .exitAgent, .powerOff, .ready(token: ""), .ready(token: strange),
    .wake(entropy: [], nanoseconds: 0), .wake(entropy: Array(0...255), nanoseconds: .max),
  ]

  static let guest: [GuestMessage] = [
    .hello(Hello(version: 0, release: "", uptimeMilliseconds: 0, cpuFlags: [], channel: "")),
    .hello(
      Hello(
        version: .max, release: strange, uptimeMilliseconds: .max, cpuFlags: ["fpu", "", strange], channel: "virtio",
        logFailure: strange, commandLine: strange)),
    .moduleLoaded(name: "a", error: ""), .moduleLoaded(name: "", error: strange),
    .prepared(failures: []), .prepared(failures: ["one", strange]), .caseStarted(id: .max),
    .output(id: 1, isError: true, bytes: []), .output(id: 2, isError: false, bytes: Array(0...255)),
    .artefact(id: 3, name: strange, bytes: [0, 255], isLast: true),
    .artefact(id: 3, name: "", bytes: [], isLast: false),
    .caseEnded(CaseEnd(id: 1, outcome: .exited(status: 255))),
    .caseEnded(CaseEnd(id: 1, outcome: .signalled(signal: 9), timedOut: true)),
    .caseEnded(CaseEnd(id: 1, outcome: .signalled(signal: 9), outOfMemory: true)),
    .caseEnded(CaseEnd(id: 1, outcome: .exited(status: 0), leftover: true)),
    .caseEnded(
      CaseEnd(
        id: .max, outcome: .notStarted(strange), timedOut: true, outOfMemory: true, droppedOutput: 1, leftover: true,
        wallMilliseconds: 2, userMilliseconds: 3, systemMilliseconds: 4, peakResidentKiB: .max,
        log: KernelLogReport(
          changes: [.init(path: "/x", before: "", after: strange), .init(path: "", before: "7", after: "1")],
          taints: .max, warnings: 1, oopses: 2, isIncomplete: true), key: .max)),
    .kernelLog(id: .max, key: .max, bytes: []), .kernelLog(id: 0, key: 0, bytes: Array(0...255)),
    .notice(strange), .caseLate(id: .max), .sysrqDone(key: 0, failure: ""), .sysrqDone(key: 255, failure: strange),
    .artefactNotes(id: 1, []),
    .artefactNotes(
      id: .max, [ArtefactNote(.notPlain, strange), ArtefactNote(.tooLarge, "x", number: .max), ArtefactNote(.tooMany)]),
  ]
}

/// xorshift64*: the same bytes in every run.
struct RepeatableRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed | 1 }

  mutating func next() -> UInt64 {
    state ^= state >> 12
    state ^= state << 25
    state ^= state >> 27
    return state &* 2_685_821_657_736_338_717
  }
}
