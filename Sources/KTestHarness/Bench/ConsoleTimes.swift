package import KTestValues

/// Times of a boot by the guest's own clock, in seconds since its kernel started.
package struct ConsoleTimes: Sendable, Equatable {
  /// When the kernel starts the first program (`init/main.c`, `run_init_process`).
  package var initStarted: Double?
  /// When the agent's first marker appears: the first case is about to start.
  package var firstCase: Double?

  package init() {}

  package init(console: [UInt8]) {
    self.init()
    var splitter = LineSplitter()
    for line in splitter.push(console) { take(ConsoleLine(line)) }
    if let line = splitter.finish() { take(ConsoleLine(line)) }
  }

  package mutating func take(_ line: ConsoleLine) {
    guard let seconds = line.seconds else { return }
    let text = line.text
    if initStarted == nil, text.hasPrefix("Run /init as init process") { initStarted = seconds }
    if firstCase == nil, text.hasPrefix("ktest["), text.contains("]: begin ") { firstCase = seconds }
  }
}
