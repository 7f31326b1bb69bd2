import KTestValues

extension NightCheck {
  /// The check as it is shown.
  package var facts: NightCheckFacts {
    let budget = plan.budget
    var notes = [
      "budget: \(budget.time), \(budget.runs) runs beside the plan's, "
        + "\(budget.searches) \(budget.searches == 1 ? "search" : "searches")"
    ]
    for kernel in plan.kernels {
      if case .branch(let tree, let remote, let branch) = kernel.source {
        notes.append("\(kernel.name): the branch \(branch) of \(remote) is fetched into \(tree) and built")
      }
    }
    if let drills = plan.drills {
      let names = drills.patches.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
      notes.append("drills: one night in \(drills.every), in \(drills.kernel): \(names.joined(separator: ", "))")
    }
    notes.append(
      unfinished.map { "the night \($0) was not finished and would go on" }
        ?? "a new night would begin; " + (last.map { "the last one is \($0)" } ?? "it is the first of this plan"))
    return NightCheckFacts(
      entries: entries.map { ($0.kernel, $0.suite, $0.cells, $0.cases) }, notes: notes)
  }
}
