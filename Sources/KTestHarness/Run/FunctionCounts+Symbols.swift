internal import GuestProtocol
import KTestValues

extension FunctionCounts {
  /// Adds up the instructions of each function, the greatest sum first.
  init(_ metric: MarkedMetric, _ symbols: KernelSymbols) {
    var functions: [String: Function] = [:]
    for count in metric.counts {
      let (name, isEntry) =
        count.address == 0
        ? (FunctionCounts.userSpace, false) : symbols.function(at: count.address) ?? ("(unknown)", false)
      var function = functions[name] ?? Function(name, instructions: 0, calls: 0)
      function.instructions &+= count.count
      if isEntry { function.calls &+= count.count }
      functions[name] = function
    }
    self.init(
      metric: metric.name, per: metric.per,
      functions: functions.values.sorted { ($0.instructions, $1.name) > ($1.instructions, $0.name) })
  }
}
