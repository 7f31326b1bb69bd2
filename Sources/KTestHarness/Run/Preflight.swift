import KTestHost
package import KTestValues

/// What is known about a kernel and a command line before anything boots.
struct Preflight: Sendable {
  var kernel: KernelBuild
  /// The modules that a suite names and this kernel does not have.
  var missingModules: Set<String>
  /// Why modules of the suite's image could not be built for this kernel.
  var refusedModules: [String: String] = [:]
  /// The values given with `--set`.
  var parameters: [String: String]

  /// Why a case cannot run on this kernel; nil when it can, as far as can be told before boot.
  func skipReason(of test: Case, in suite: Suite) -> VerdictReason? {
    let needed = suite.requirements(of: test)
    for name in needed.parameters where parameters[name] == nil {
      let hint = suite.parameters.first { $0.name == name }?.description ?? ""
      let text = "--set \(name)=… is not given" + (hint.isEmpty ? "" : ": \(hint)")
      return VerdictReason(.missingParameter, text, names: [name])
    }
    if let config = kernel.config {
      let missing = needed.config.compactMap { wanted in
        Preflight.complaint(wanted, config).map { (symbol: "CONFIG_" + KernelConfig.bare(wanted.symbol), text: $0) }
      }
      if !missing.isEmpty {
        return VerdictReason(
          .missingConfiguration, missing.map(\.text).joined(separator: ", "), names: missing.map(\.symbol))
      }
    }
    let modules = suite.modules.map(\.name) + test.modules.map(\.name) + needed.modules
    let absent = modules.filter { missingModules.contains($0) }
    guard let first = absent.first else { return nil }
    let text =
      absent.lazy.compactMap { refusedModules[$0] }.first
      ?? (absent.count == 1
        ? "the kernel has no module \(first)" : "the kernel has no modules \(absent.joined(separator: ", "))")
    return VerdictReason(.missingModule, text, names: absent)
  }

  static func complaint(_ wanted: ConfigRequirement, _ config: KernelConfig) -> String? {
    let value: WantedSymbol.Wanted? =
      switch wanted.value {
      case .enabled: nil
      case .module: .module
      case .builtIn: .yes
      }
    return config.missingSymbols(required: [WantedSymbol(wanted.symbol, wanted: value)]).first
  }
}

/// Returns which cases of a suite a kernel can run, as far as is known before boot, and which of them do not exist
/// there. `images` are folders with recipes: a recipe may add modules that the kernel does not have. Nothing is built.
package func preflight(
  _ suite: Suite, kernel: KernelBuild, parameters: [String: String] = [:], images: [String] = []
) async throws -> (cases: [PlannedCase], absent: [AbsentCase]) {
  let absent = try absentCases(of: suite, on: kernel)
  let names = Set(absent.map(\.name))
  var suite = suite
  suite.cases.removeAll { names.contains($0.name) }
  let place = Circumstances(kernel, KernelCommandLine())
  suite = suite.keeping { $0.onKernel.holds(at: place) }
  if suite.isWholeCollection, let collection = suite.collection {
    // What tests there are is known when the tree's Makefile has been asked; what all of them need is not.
    let folder = SelftestFolder(settingsOf: collection.folder, in: kernel.sourcePath)
    let absent = absentSymbols(of: suite.needs(with: folder, absent: []), in: kernel)
    suite.requires.config = suite.needs(with: folder, absent: absent)
    suite.cases = [Case(name: "*", run: [])]
  }
  let payload = try await KernelModules(kernel: kernel).payload(of: suite, cases: suite.cases)
  var check = Preflight(kernel: kernel, missingModules: Set(payload.missing), parameters: parameters)
  for case .module(let name, _, _) in (try? recipe(named: suite.image, for: suite, in: images))?.recipe.layers ?? [] {
    if kernel.buildPath == nil {
      check.refusedModules[name] = ImageKernel.refusal(ofModule: name)
    } else {
      check.missingModules.remove(name)
    }
  }
  return (suite.cases.map { PlannedCase($0, skip: check.skipReason(of: $0, in: suite)) }, absent)
}

/// Returns the cases of a suite that do not exist on a kernel. A case of a matrix exists where it does in some cell.
package func absentCases(of suite: Suite, on kernel: KernelBuild) throws -> [AbsentCase] {
  let cells = try suite.cells.map { cell in
    (
      names: Set(cell.cases.map(\.name)),
      absent: cell.applied(to: Circumstances(kernel, try guestCommandLine(of: cell.guest))).absent
    )
  }
  return suite.cases.compactMap { test in
    let here = cells.filter { $0.names.contains(test.name) }
    let found = here.compactMap { cell in cell.absent.first { $0.name == test.name } }
    return found.count == here.count ? found.first : nil
  }
}
