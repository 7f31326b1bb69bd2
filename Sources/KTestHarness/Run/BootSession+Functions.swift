internal import GuestProtocol
import KTestGuests
import KTestValues

extension BootSession {
  /// The files to fetch after a case: with QEMU's plugin, the kernel's symbols too.
  func artefacts(of test: Case) -> [String] {
    settings.functionPlugin == nil ? test.artefacts : test.artefacts + [CaseRequest.kernelSymbols]
  }

  /// Emits, as an artefact of the case that has ended, what the kernel's functions executed for its metrics.
  func tellFunctions(of entry: BootCase) async throws {
    guard settings.functionPlugin != nil, let running else { return }
    let (suite, kernel, name) = (entry.planned.suite.name, entry.planned.kernel.label, entry.test.name)
    func give(up why: String) async throws {
      try await emit(.notice("\(suite)/\(name): functions are not counted: \(why)"))
    }
    guard let written = await guest.takeFunctionCounts() else { return }
    guard let metrics = MarkedMetric.read(written) else {
      return try await give(up: "what QEMU's plugin wrote cannot be read")
    }
    guard !metrics.isEmpty else {
      return try await give(up: "no program marked what belongs to a metric, as mm-bench does")
    }
    guard let symbols = KernelSymbols(kallsyms: running.symbols) else {
      return try await give(up: "the kernel does not tell its symbols: /proc/kallsyms, CONFIG_KALLSYMS=y")
    }
    let text = FunctionCounts.text(metrics.map { FunctionCounts($0, symbols) })
    try await emit(
      .artefact(
        boot: plan.id, suite: suite, kernel: kernel, name: name, file: FunctionCounts.file, bytes: Array(text.utf8)))
  }
}
