/// What one guest takes of its host while it is up.
package struct GuestShare: Sendable, Equatable {
  /// The guest's name on the host.
  package var name: String
  /// The guest's memory and QEMU's own, in bytes.
  package var memory: UInt64
  /// The processors of the host that it can keep busy.
  package var processors: Int

  /// What QEMU takes beside the guest's memory, in bytes: devices, and the code that TCG has translated.
  static let emulator: UInt64 = 256 << 20
  /// More processors than any host has: the guest is alone with what counts processors.
  static let allProcessors = 1 << 20

  package init(name: String, memory: UInt64, processors: Int) {
    (self.name, self.memory, self.processors) = (name, memory, processors)
  }

  /// - Parameters:
  ///   - counts: whether the guest's clock counts instructions: one thread of QEMU then runs all its processors.
  ///   - alone: whether nothing may run beside it, because it measures time.
  package init(name: String, of guest: GuestSpec, counts: Bool, alone: Bool) {
    self.init(
      name: name, memory: guest.memory.bytes + GuestShare.emulator,
      processors: alone ? GuestShare.allProcessors : counts ? 1 : guest.cpus)
  }

  /// The share as a line without its end: name, bytes, processors.
  package var line: String { "\(name) \(memory) \(processors)" }

  /// Reads such a line; nil for anything else.
  package init?(line: some StringProtocol) {
    let words = line.split(separator: " ")
    guard words.count == 3, let memory = UInt64(words[1]), let processors = Int(words[2]), memory <= 1 << 40,
      (1...GuestShare.allProcessors).contains(processors)
    else { return nil }
    self.init(name: String(words[0]), memory: memory, processors: processors)
  }
}

extension Suite {
  /// Whether a case of the suite measures time, as far as its metrics are declared: their unit says so, or the case
  /// prints the unit itself.
  package func measuresTime(in cases: [Case]) -> Bool {
    guest.clock == .time && cases.contains { $0.metrics.contains(where: \.maySayTime) }
  }
}

extension MetricDeclaration {
  private static let unitsOfTime: Set<Substring> = ["ns", "us", "µs", "ms", "s", "sec", "min", "h"]

  /// Whether the value may depend on how long something takes, such as `us` or `GB/s`.
  var maySayTime: Bool {
    guard let unit = source?.unit else { return true }
    return unit.split(separator: "/").contains { MetricDeclaration.unitsOfTime.contains($0) }
  }
}
