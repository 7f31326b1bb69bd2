internal import GuestProtocol
package import KTestValues

/// What a worker needs to run cases of one group of a plan: everything that can be decided is. Paths of files are of the
/// process that made the order, until ``withFiles(_:)`` gives them others.
package struct GroupOrder: Codable, Sendable, Equatable {
  /// Its number in the round, from 1.
  package var number: Int
  package var round: Int
  /// The number of its first boot. Groups get ranges, so that a run has no number twice and no gap means anything.
  package var firstBoot: Int
  package var parts: [Part]
  package var settings: Settings
  /// What it takes of the host that runs it.
  package var needs: Needs
  /// The expected seconds.
  package var seconds: Double
  /// The most seconds that its cases and boots can take, by their limits.
  package var mostSeconds: Double

  /// Cases of one suite on the order's kernel.
  package struct Part: Codable, Sendable, Equatable {
    package var suite: Suite
    package var kernel: KernelBuild
    /// The symbols of the kernel's configuration that a run asks for, as a configuration.
    var config: String
    package var initramfs: String
    var commandLine: KernelCommandLine
    var modules: [Load]
    var caseModules: [String: [Load]]
    /// The names of the cases, in their order.
    package var cases: [String]
  }

  /// A module to load, see `ModuleLoad`.
  struct Load: Codable, Sendable, Equatable {
    var name: String
    var path: String
    var parameters: String
    var isOptional: Bool
  }

  package struct Settings: Codable, Sendable, Equatable {
    var clock: GuestClock?
    package var functionPlugin: String?
    var isolatesCases: Bool
    var keepsTemplates: Bool
    var shuffleSeed: UInt64?
    var course: RunCourse
    var load: GuestLoad?
  }

  package struct Needs: Codable, Sendable, Equatable {
    /// The memory of the guest and of QEMU in bytes.
    package var memory: UInt64
    /// The processors that the guest can keep busy.
    package var processors: Int
    /// Whether only KVM will do.
    package var kvm: Bool

    package init(memory: UInt64, processors: Int, kvm: Bool = false) {
      (self.memory, self.processors, self.kvm) = (memory, processors, kvm)
    }
  }

  /// The rounds that its worker runs: one, but all if their guests are clones of one boot.
  var rounds: ClosedRange<Int> { settings.course.sharesBoot ? 1...settings.course.limit : round...round }
  /// The number of cases.
  package var cases: Int { parts.reduce(0) { $0 + $1.cases.count } }
  /// A few words for people.
  package var title: String {
    let names = parts.map(\.suite.baseName).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    return "\(names.joined(separator: ", ")) on \(parts.first?.kernel.label ?? "")"
  }

  /// Returns the order with other paths of its files: images, initramfs and QEMU's plugin.
  package func withFiles(_ path: (String) throws -> String) rethrows -> GroupOrder {
    var order = self
    for place in order.parts.indices {
      order.parts[place].kernel.imagePath = try path(order.parts[place].kernel.imagePath)
      order.parts[place].initramfs = try path(order.parts[place].initramfs)
    }
    order.settings.functionPlugin = try settings.functionPlugin.map(path)
    return order
  }

  /// The paths of its files.
  package var files: Set<String> {
    Set(parts.flatMap { [$0.kernel.imagePath, $0.initramfs] } + [settings.functionPlugin].compactMap(\.self))
  }
}

extension GroupOrder.Part {
  /// - Parameter cases: the names of its cases that are in the order.
  init(_ planned: PlannedSuite, cases: [String]) {
    suite = planned.suite
    let names = Set(cases)
    // Removing them would keep the room of all cases in every order.
    suite.cases = planned.suite.cases.filter { names.contains($0.name) }
    kernel = planned.kernel
    // None of these means anything elsewhere.
    (kernel.configPath, kernel.modulesPath, kernel.sourcePath, kernel.buildPath) = (nil, nil, nil, nil)
    kernel.config = nil
    config = planned.kernel.config?.isEnabled("LOCKDEP") == true ? "CONFIG_LOCKDEP=y\n" : ""
    (initramfs, commandLine) = (planned.initramfs, planned.commandLine)
    modules = planned.modules.map(GroupOrder.Load.init)
    caseModules = planned.caseModules.filter { names.contains($0.key) }.mapValues { $0.map(GroupOrder.Load.init) }
    self.cases = cases
  }

  var planned: PlannedSuite {
    var kernel = kernel
    kernel.config = KernelConfig(parsing: config)
    let tests = Dictionary(suite.cases.map { ($0.name, $0) }) { first, _ in first }
    return PlannedSuite(
      suite: suite, kernel: kernel, initramfs: initramfs, commandLine: commandLine, modules: modules.map(\.load),
      caseModules: caseModules.mapValues { $0.map(\.load) },
      cases: cases.compactMap { tests[$0].map { PlannedCase($0) } })
  }
}

extension GroupOrder.Load {
  init(_ load: ModuleLoad) {
    self.init(name: load.name, path: load.path, parameters: load.parameters, isOptional: load.isOptional)
  }

  var load: ModuleLoad { ModuleLoad(name: name, path: path, parameters: parameters, isOptional: isOptional) }
}

extension GroupOrder.Settings {
  init(_ settings: RunSettings) {
    (clock, functionPlugin) = (settings.clock, settings.functionPlugin)
    (isolatesCases, keepsTemplates) = (settings.isolatesCases, settings.keepsTemplates)
    (shuffleSeed, course, load) = (settings.shuffleSeed, settings.course, settings.load)
  }

  /// Returns a host's settings with these.
  func applied(to host: RunSettings, forks: Bool) -> RunSettings {
    var settings = host
    (settings.clock, settings.functionPlugin) = (clock, functionPlugin)
    (settings.isolatesCases, settings.forks) = (isolatesCases, forks)
    settings.keepsTemplates = keepsTemplates && forks
    (settings.shuffleSeed, settings.course, settings.load) = (shuffleSeed, course, load)
    return settings
  }
}
