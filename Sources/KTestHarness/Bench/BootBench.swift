package import KTestValues

/// The results of `ktest bench boot`: samples of each quantity in seconds, and the relevant ratios.
package struct BootBench: Sendable, Equatable {
  /// How many boots, or cases with guests of their own, a run has whose whole time is measured.
  package static let cases = 4

  package enum Quantity: CaseIterable, Sendable {
    case rawInit, raw, rawClone
    case powerOn, hello, firstCase, initToCase, run
    case readyHello, readyCase, madeHello, madeCase
    case oneByOne, twoAtATime, isolated, shared
    case virtme
  }

  /// A comparison of two medians of one run, which says more than either on a busy host.
  package enum Ratio: CaseIterable, Sendable {
    case runToRaw, readyToBoot, readyToRawClone, madeToRawClone, twoToOne, isolatedToBooted, isolatedToShared,
      runToVirtme
  }

  private var samples: [Quantity: Samples] = [:]
  /// Why virtme-ng is missing in the table; nil if it was measured.
  package var withoutVirtme: String?
  /// Why nothing was forked; nil if something was.
  package var withoutForks: String?
  /// The host's load average over a minute, before each round.
  package private(set) var loads: [Double] = []

  package init() {}

  package mutating func add(_ seconds: Double, _ quantity: Quantity) {
    samples[quantity, default: Samples([])].add(seconds)
  }

  package mutating func add(load: Double) { loads.append(load) }

  package mutating func add(_ boot: RawGuest.Boot) {
    add(boot.initStarted, .rawInit)
    add(boot.whole, .raw)
  }

  package mutating func add(_ run: RunTimes) {
    add(run.powerOn, .powerOn)
    add(run.hello, .hello)
    add(run.firstCase, .firstCase)
    if let seconds = run.initToCase { add(seconds, .initToCase) }
    add(run.whole, .run)
  }

  /// - Parameter stoodReady: whether the clone stood by when it was asked for.
  package mutating func add(_ clone: CloneTimes, stoodReady: Bool) {
    add(clone.hello, stoodReady ? .readyHello : .madeHello)
    add(clone.firstCase, stoodReady ? .readyCase : .madeCase)
  }

  /// What was measured, in the order of the table.
  package var rows: [(quantity: Quantity, samples: Samples)] {
    Quantity.allCases.compactMap { quantity in samples[quantity].map { (quantity, $0) } }
  }

  package func median(_ quantity: Quantity) -> Double? { samples[quantity]?.median }

  /// The seconds by which the first case starts later than init under QEMU alone; both from power-on.
  package var firstCaseBehindInit: Double? {
    guard let first = median(.firstCase), let start = median(.rawInit) else { return nil }
    return first - start
  }

  /// Returns nil if one of the two was not measured. A peer that failed once is not compared.
  package subscript(_ ratio: Ratio) -> Double? {
    if ratio == .runToVirtme, withoutVirtme != nil { return nil }
    let (over, under) = ratio.sides
    guard let over = median(over), let under = median(under), under > 0 else { return nil }
    return over / under
  }
}

extension BootBench.Ratio {
  var sides: (over: BootBench.Quantity, under: BootBench.Quantity) {
    switch self {
    case .runToRaw: (.run, .raw)
    case .readyToBoot: (.readyCase, .firstCase)
    case .readyToRawClone: (.readyCase, .rawClone)
    case .madeToRawClone: (.madeCase, .rawClone)
    case .twoToOne: (.twoAtATime, .oneByOne)
    case .isolatedToBooted: (.isolated, .oneByOne)
    case .isolatedToShared: (.isolated, .shared)
    case .runToVirtme: (.run, .virtme)
    }
  }
}
