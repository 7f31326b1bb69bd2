import KTestValues

extension RunComparison {
  /// Returns `label  release  source` for each kernel, without duplicates.
  static func kernels(of runs: [Run]) -> [String] {
    var lines: [String] = []
    for run in runs {
      let labels = Set(run.suites.map(\.kernel))
      var known: [String] = []
      for kernel in run.manifest?.kernels ?? [] where labels.contains(kernel.label) {
        known.append(kernel.label)
        let text = [kernel.label, kernel.release == kernel.label ? "" : kernel.release, kernel.argument]
          .filter { !$0.isEmpty }.joined(separator: "  ")
        if !lines.contains(text) { lines.append(text) }
      }
      for label in labels.subtracting(known).sorted() where !lines.contains(label) { lines.append(label) }
    }
    return lines
  }

  /// Returns the differences other than the kernel's code. Only what manifests contain is compared.
  static func circumstances(_ base: [Run], _ with: [Run]) -> [String] {
    var lines: [String] = []
    func kernels(_ runs: [Run]) -> [RunManifest.Kernel] {
      runs.flatMap { run in
        (run.manifest?.kernels ?? []).filter { kernel in run.suites.contains { $0.kernel == kernel.label } }
      }
    }
    let (old, new) = (kernels(base), kernels(with))
    if !old.isEmpty, !new.isEmpty {
      if Set(old.map(\.identity)) == Set(new.map(\.identity)) {
        lines.append("the kernels are the same build")
      } else {
        let configs = (Set(old.map(\.configHash)), Set(new.map(\.configHash)))
        if configs.0.contains(nil) || configs.1.contains(nil) {
          lines.append("a kernel's configuration is unknown: differences may come from the configuration, not the code")
        } else if configs.0 != configs.1 {
          lines.append("the kernels' configurations differ: differences may come from the configuration, not the code")
        }
      }
    }
    return lines
      + NightRecord.Difference.between(
        base.compactMap(\.manifest), with.compactMap(\.manifest),
        images: Set(old.map(\.identity)) == Set(new.map(\.identity))
      ).map(\.sentence)
  }
}
