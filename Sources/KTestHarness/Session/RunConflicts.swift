package import KTestValues

/// Options of `ktest run` that contradict each other, as they were given.
package struct RunConflicts: Sendable {
  package var suites: [String] = []
  package var again: String?
  package var matrix: [String] = []
  package var tags: [String] = []
  package var settings: [String] = []
  package var dumps = false
  package var functions = false
  package var builds = false
  package var buildOptions = false
  package var stress = false
  package var repeats = false
  /// Whether `--isolate` or `--shuffle` was given.
  package var ownGuests = false
  package var guests: GuestCount?
  package var clock: GuestClock?
  package var options: GuestOptions

  package init(_ options: GuestOptions) { self.options = options }

  /// What is wrong with them; nil if nothing is.
  package var problem: String? {
    if again == nil, suites.isEmpty { return "name a suite, for example 'ktest run device-dax'" }
    if again != nil, !suites.isEmpty { return "--again takes the suites from the run's journal" }
    if again != nil, !matrix.isEmpty { return "--again takes the cells from the run's journal" }
    if again != nil, !tags.isEmpty { return "--again takes the cases from the run's journal" }
    for (option, isGiven) in [("--dump", dumps), ("--functions", functions)] where isGiven && options.connect != nil {
      return "\(option) needs the embedded driver and does not work with --connect"
    }
    if clock == .instructions, options.accel == .kvm {
      return "--clock instructions needs TCG: QEMU cannot count under KVM; remove --accel kvm"
    }
    if clock == .instructions, stress {
      return "--clock instructions would count what --stress executes; give one of them"
    }
    if !builds, buildOptions { return "--fragment and --base need --build" }
    if options.elsewhere != nil, dumps {
      return "--dump keeps a guest's memory where the guest runs, which --on does not bring; give one of them"
    }
    if options.elsewhere != nil, guests != nil {
      return "--guests says how many guests run here; with --on, the slots of hosts or Slurm say it; give one of them"
    }
    for setting in settings where !setting.contains("=") || setting.hasPrefix("=") {
      return "--set takes NAME=VALUE, not '\(setting)'"
    }
    return nil
  }
}

extension RunConflicts {
  /// What is wrong with them for suites that only compile; nil if nothing is.
  package var problemOfBuilds: String? {
    let isOther = builds || dumps || functions || repeats || ownGuests
    guard isOther || clock != nil || guests != nil || options.elsewhere != nil else { return nil }
    return
      "suites with kind: build boot nothing: remove --build, --dump, --clock, --functions, --guests, --isolate, "
      + "--shuffle, --repeat, --until-fail, --fail-fast, --retry, --stress and --on"
  }
}

extension RunSummary {
  /// What kind of failure the run is, for an exit code; nil if nothing is bad.
  package var failureKind: Failure.Kind? {
    if interrupted { return .interrupted }
    let verdicts = suites.flatMap(\.cases).map(\.verdict) + boots.map(\.verdict)
    if verdicts.contains(where: { $0.isBad && $0 != .error }) { return .failed }
    return verdicts.contains(.error) ? .host : nil
  }
}
