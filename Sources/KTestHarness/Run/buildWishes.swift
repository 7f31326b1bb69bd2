package import KTestHost
package import KTestValues

/// Returns the configuration that all cases of a suite need. Requirements of single cases are optional if
/// `casesMayBeSkipped`. Otherwise only a tree that does not have a symbol excuses its lack.
///
/// - Parameter isAlone: whether the kernel is built for one case alone, which cannot do without its symbols.
package func buildWishes(
  of suite: Suite, casesMayBeSkipped: Bool = false, isAlone: Bool = false
) -> (symbols: [ConfigWish], modules: [ModuleWish]) {
  let origin = "suite \(suite.name)"
  var symbols = suite.requires.config.map { $0.wish(origin) } + suite.guest.wishes(origin)
  var modules = suite.modules.map { ModuleWish($0, origin) }
  modules += suite.requires.modules.map { ModuleWish($0, hasParameters: false, origin: origin) }
  for test in suite.cases {
    let origin = "\(origin), case \(test.name)"
    var own = test.requires.config.map { $0.wish(origin, test.when) }
    var loaded = test.modules.map { ModuleWish($0, origin) }
    loaded += test.requires.modules.map { ModuleWish($0, hasParameters: false, origin: origin) }
    for index in own.indices {
      own[index].isOptional = casesMayBeSkipped
      own[index].mayBeAbsent = !isAlone
    }
    for index in loaded.indices where casesMayBeSkipped { loaded[index].isOptional = true }
    symbols += own
    modules += loaded
  }
  return (symbols, modules)
}

extension ModuleWish {
  fileprivate init(_ request: ModuleRequest, _ origin: String) {
    self.init(
      request.name, hasParameters: !request.parameters.isEmpty, origin: origin, isOptional: request.isOptional)
  }
}

extension ConfigRequirement {
  /// Returns the wish for it; `case` says where the case exists that requires it. Of a condition, only the version is
  /// known before a build.
  fileprivate func wish(_ origin: String, _ case: Condition = .always) -> ConfigWish {
    let wanted: ConfigWish.Value =
      switch value {
      case .enabled: .either
      case .builtIn: .builtIn
      case .module: .module
      }
    return ConfigWish(symbol, wanted, origin: origin, kernels: [when.kernel, `case`.kernel])
  }
}

extension GuestSpec {
  /// Returns the symbols that the machine itself needs.
  fileprivate func wishes(_ origin: String) -> [ConfigWish] {
    var symbols: [String] = []
    if !numa.isEmpty { symbols += ["NUMA", "ACPI_NUMA"] }
    if !pmem.isEmpty { symbols += ["X86_PMEM_LEGACY"] }
    if !hugepages.isEmpty { symbols += ["HUGETLBFS"] }
    if network { symbols += ["INET", "VIRTIO_NET"] }
    return symbols.map { ConfigWish($0, .either, origin: "the guest of \(origin)") }
  }
}
