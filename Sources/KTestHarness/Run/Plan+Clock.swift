import KTestGuests
import KTestValues

extension Plan {
  /// Returns what people should know about guests whose clock counts instructions: one sentence, or none.
  package var clockNotices: [String] {
    let counting = suites.filter { $0.boots > 0 && $0.suite.guest.clock == .instructions }
    guard !counting.isEmpty else { return [] }
    var names: [String] = []
    for name in counting.map(\.suite.baseName) where !names.contains(name) { names.append(name) }
    let parameters = countingParameters.map { name, value in value.map { "\(name)=\($0)" } ?? name }
    return [
      "\(names.joined(separator: ", ")): the guest's clock counts instructions, under TCG (\(CountingMachine.summary)); "
        + "the kernel gets \(parameters.joined(separator: " "))"
        + (settings.functionPlugin == nil ? "" : "; each function of the kernel is counted, too")
    ]
  }
}
