import KTestValues

/// The times of one `ktest run`, in seconds from the start of its process unless stated otherwise.
package struct RunTimes: Sendable, Equatable {
  package var powerOn: Double
  /// The seconds from power-on to the agent's first message.
  package var hello: Double
  /// The seconds from power-on to the first case.
  package var firstCase: Double
  /// The seconds of the whole process.
  package var whole: Double
  /// The seconds between the kernel's start of init and the first case, by the guest's clock; nil if the console does
  /// not show it.
  package var initToCase: Double?

  /// Reads the times of a run's first boot. Returns nil if the run did not reach a case in it.
  ///
  /// - Parameters:
  ///   - launched: when the process was started.
  ///   - whole: the seconds from then until it had ended.
  ///   - console: the output of the first boot's console.
  package init?(events: [RecordedEvent], launched: WallTime, whole: Double, console: [UInt8]) {
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
