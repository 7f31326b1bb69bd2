/// Where something of a suite holds: `when: {kernel: ">=6.13 <7.0", config: […], cmdline: […], arch: …, axis: value}`.
/// All that is named must hold.
package struct Condition: Sendable, Equatable, Codable {
  /// The architectures that ktest can boot.
  package enum Architecture: String, Sendable, Codable, CaseIterable {
    case x86_64
  }

  /// The values of the suite's axes.
  package var axes: [AxisCondition]
  /// Ranges of versions, any of which will do; empty for every version.
  package var kernel: [KernelVersionRange]
  /// Symbols that the kernel must have; if its configuration is not known, it has none.
  package var config: [ConfigRequirement]
  /// Patterns that must each match a whole parameter of the kernel command line.
  package var commandLine: [WildcardPattern]
  package var architecture: Architecture?

  package static let always = Condition()

  package init(
    axes: [AxisCondition] = [], kernel: [KernelVersionRange] = [], config: [ConfigRequirement] = [],
    commandLine: [WildcardPattern] = [], architecture: Architecture? = nil
  ) {
    self.axes = axes
    self.kernel = kernel
    self.config = config
    self.commandLine = commandLine
    self.architecture = architecture
  }

  package var isAlways: Bool { self == .always }

  package func holds(in cell: MatrixCell) -> Bool { axes.allSatisfy { $0.holds(in: cell) } }

  /// The condition without what it says about the guest.
  package var onKernel: Condition { Condition(kernel: kernel, config: config, architecture: architecture) }

  /// Returns whether it holds on that kernel; axes were looked at before.
  package func holds(at place: Circumstances) -> Bool { objection(at: place) == nil }

  /// Returns why it does not hold on that kernel, as a sentence without a subject: "is for kernels >=7.0, and this is
  /// 6.12.117"; nil if it holds.
  package func objection(at place: Circumstances) -> String? {
    if !kernel.isEmpty {
      let ranges = kernel.map(\.description).joined(separator: " or ")
      guard let version = KernelVersion(release: place.release) else {
        return "is for kernels \(ranges), and the release '\(place.release)' has no version"
      }
      if !kernel.contains(where: { $0.contains(version) }) {
        return "is for kernels \(ranges), and this is \(version)"
      }
    }
    if let architecture, architecture.rawValue != place.architecture {
      return "is for \(architecture.rawValue), and this is \(place.architecture)"
    }
    if let symbol = config.first(where: { !place.has($0) }) { return "is for kernels with CONFIG_\(symbol)" }
    let absent = commandLine.first { pattern in !place.parameters.contains { pattern.matches(whole: $0) } }
    return absent.map { "is for the kernel parameter '\($0)'" }
  }

  /// The condition as text: `kernel >=7.0, CONFIG_KSM, thp always`; empty if it always holds.
  package var description: String {
    var parts = axes.map { "\($0.axis) \($0.values.joined(separator: "|"))" }
    if !kernel.isEmpty { parts.append("kernel " + kernel.map(\.description).joined(separator: " or ")) }
    if let architecture { parts.append(architecture.rawValue) }
    parts += config.map { "CONFIG_\($0)" } + commandLine.map(\.source)
    return parts.joined(separator: ", ")
  }
}

/// What conditions are compared with: one kernel with one command line.
package struct Circumstances: Sendable {
  /// What `uname -r` prints.
  package var release: String
  package var architecture: String
  /// The parameters of the kernel command line, each `name` or `name=value`.
  package var parameters: [String]
  /// Whether a symbol has the wanted value; false if that is not known.
  package var has: @Sendable (ConfigRequirement) -> Bool

  package init(
    release: String, architecture: String = "x86_64", parameters: [String] = [],
    has: @escaping @Sendable (ConfigRequirement) -> Bool = { _ in false }
  ) {
    self.release = release
    self.architecture = architecture
    self.parameters = parameters
    self.has = has
  }
}
