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
    func values(_ runs: [Run], _ pick: (RunManifest) -> [String]) -> [String] {
      var found: [String] = []
      for value in runs.compactMap(\.manifest).flatMap(pick) where !found.contains(value) { found.append(value) }
      return found
    }
    var lines: [String] = []
    func hold(_ what: String, _ pick: (RunManifest) -> [String]) {
      let (old, new) = (values(base, pick), values(with, pick))
      guard !old.isEmpty, !new.isEmpty, Set(old) != Set(new) else { return }
      lines.append("\(what): \(old.joined(separator: ", ")) and \(new.joined(separator: ", "))")
    }
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
    hold("accelerator") { [$0.accelerator.used ?? "unknown"] }
    hold("host") { ["\($0.host.cpus) CPUs, \($0.host.memory >> 20) MiB, Linux \($0.host.kernel)"] }
    hold("QEMU") { $0.qemu.map { [$0] } ?? [] }
    hold("guests' processor") { $0.accelerator.processor.map { [$0] } ?? [] }
    hold("ktest") { [$0.ktest] }
    let names = Set((base + with).compactMap(\.manifest).flatMap { $0.suites.map(\.name) })
    for name in names.sorted() {
      let pick = { (manifest: RunManifest) in manifest.suites.filter { $0.name == name } }
      let texts = (values(base) { pick($0).map(\.sha256) }, values(with) { pick($0).map(\.sha256) })
      if !texts.0.isEmpty, !texts.1.isEmpty, Set(texts.0) != Set(texts.1) {
        lines.append("the suite \(name) has changed")
      }
      let images = (
        values(base) { pick($0).compactMap(\.imageHash) }, values(with) { pick($0).compactMap(\.imageHash) }
      )
      // Each kernel's modules are a part of its image, so that two kernels have two images.
      if Set(old.map(\.identity)) == Set(new.map(\.identity)), !images.0.isEmpty, !images.1.isEmpty,
        Set(images.0) != Set(images.1)
      {
        lines.append("the image of the suite \(name) has changed")
      }
    }
    return lines
  }
}
