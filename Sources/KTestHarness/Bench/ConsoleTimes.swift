/// Times of a boot by the guest's own clock, in seconds since its kernel started.
public struct ConsoleTimes: Sendable, Equatable {
  /// When the kernel starts the first program (`init/main.c`, `run_init_process`).
  public var initStarted: Double?
  /// When the agent's first marker appears: the first case is about to start.
  public var firstCase: Double?

  public init() {}

  public init(console: [UInt8]) {
    self.init()
    var splitter = LineSplitter()
    for line in splitter.push(console) { take(ConsoleLine(line)) }
    if let line = splitter.finish() { take(ConsoleLine(line)) }
  }

  public mutating func take(_ line: ConsoleLine) {
    guard let seconds = line.seconds else { return }
    let text = line.text
    if initStarted == nil, text.hasPrefix("Run /init as init process") { initStarted = seconds }
    if firstCase == nil, text.hasPrefix("ktest["), text.contains("]: begin ") { firstCase = seconds }
  }
}
