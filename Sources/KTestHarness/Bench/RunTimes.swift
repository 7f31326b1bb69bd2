/// Where the time of one `ktest run` went, in seconds from the start of its process unless it says otherwise.
public struct RunTimes: Sendable, Equatable {
  public var powerOn: Double
  /// From power-on to the agent's first word.
  public var hello: Double
  /// From power-on to the first case.
  public var firstCase: Double
  /// The whole process.
  public var whole: Double
  /// Between the kernel's start of init and the first case, by the guest's clock; nil where the console does not say.
  public var initToCase: Double?

  /// Reads the times of a run's first boot. nil when the run did not get as far as a case in it.
  ///
  /// - Parameters:
  ///   - launched: when the process was started.
  ///   - whole: seconds from then until it had ended.
  ///   - console: what the first boot's console said.
  public init?(events: [RecordedEvent], launched: WallTime, whole: Double, console: [UInt8]) {
    func time(where isWanted: (RunEvent) -> Bool) -> WallTime? {
      events.first { $0.event.map(isWanted) ?? false }?.time
    }
    let powerOn = time {
      if case .bootStarted = $0 { true } else { false }
    }
    let hello = time {
      if case .bootReady = $0 { true } else { false }
    }
    let first = time {
      if case .caseStarted(.some, _, _, _) = $0 { true } else { false }
    }
    guard let powerOn, let hello, let first else { return nil }
    self.powerOn = powerOn.seconds(since: launched)
    self.hello = hello.seconds(since: powerOn)
    firstCase = first.seconds(since: powerOn)
    self.whole = whole
    let clock = ConsoleTimes(console: console)
    if let begin = clock.initStarted, let end = clock.firstCase { initToCase = end - begin }
  }
}
