import KTestValues

/// What a run has left beside the results of its cases, with which rows are compared.
package struct SelftestTraces: Sendable {
  package var notices: [String]
  /// Returns the bytes of a boot's console.
  package var console: @Sendable (_ boot: Int) -> [UInt8]
  /// Returns the sizes in bytes of the files that a case left, by their names.
  package var artefacts: @Sendable (CaseKey) -> [String: Int]

  package init(
    notices: [String] = [], console: @escaping @Sendable (_ boot: Int) -> [UInt8] = { _ in [] },
    artefacts: @escaping @Sendable (CaseKey) -> [String: Int] = { _ in [:] }
  ) {
    (self.notices, self.console, self.artefacts) = (notices, console, artefacts)
  }
}

extension SelftestTraces {
  /// Returns what is different about the guest of a case, one sentence each.
  ///
  /// - Parameter boots: all boots of the run.
  func differences(of result: CaseResult, from expectation: SelftestExpectation, in boots: [BootResult]) -> [String] {
    var differences: [String] = []
    let boot = boots.first { $0.id == result.boot }
    if let wanted = expectation.guest {
      let origin = boot.map { $0.clone == nil ? "booted" : "a clone" } ?? "not there"
      if origin != wanted.text { differences.append("its guest was \(origin), not \(wanted.text)") }
    }
    if let wanted = expectation.notice, !notices.contains(where: wanted.isFound) {
      differences.append("no notice contains '\(wanted)'")
    }
    if let wanted = expectation.console {
      if boot.map({ wanted.isFound(in: console($0.id)) }) != true {
        differences.append("the console does not contain '\(wanted)'")
      }
      for other in boots where other.id != boot?.id && wanted.isFound(in: console(other.id)) {
        differences.append("the console of boot \(other.id) contains '\(wanted)', too")
      }
    }
    return differences
  }
}

extension SelftestExpectation.Origin {
  fileprivate var text: String { self == .boot ? "booted" : "a clone" }
}
