package import KTestValues

extension NightRecord.Difference {
  /// Returns the differences between the runs of two sides other than the kernels and the results. Only what manifests contain
  /// is compared, in the order of the kinds, and within them of the names.
  ///
  /// - Parameter images: whether images are compared. Each kernel's modules are a part of its image, so that two kernels have
  ///   two images.
  package static func between(
    _ base: [RunManifest], _ with: [RunManifest], images: Bool
  ) -> [NightRecord.Difference] {
    func values(_ manifests: [RunManifest], _ pick: (RunManifest) -> [String]) -> [String] {
      var found: [String] = []
      for value in manifests.flatMap(pick) where !found.contains(value) { found.append(value) }
      return found
    }
    var differences: [NightRecord.Difference] = []
    func hold(_ kind: Kind, _ name: String = "", _ pick: (RunManifest) -> [String]) {
      let (old, new) = (values(base, pick), values(with, pick))
      guard !old.isEmpty, !new.isEmpty, Set(old) != Set(new) else { return }
      differences.append(
        NightRecord.Difference(
          kind: kind, name: name, before: old.joined(separator: ", "), now: new.joined(separator: ", ")))
    }
    hold(.accelerator) { [$0.accelerator.used ?? "unknown"] }
    hold(.host) { ["\($0.host.cpus) CPUs, \($0.host.memory >> 20) MiB, Linux \($0.host.kernel)"] }
    hold(.qemu) { $0.qemu.map { [$0] } ?? [] }
    hold(.processor) { $0.accelerator.processor.map { [$0] } ?? [] }
    hold(.ktest) { [$0.ktest] }
    for name in Set((base + with).flatMap { $0.suites.map(\.name) }).sorted() {
      hold(.suite, name) { $0.suites.filter { $0.name == name }.map(\.sha256) }
      if images { hold(.image, name) { $0.suites.filter { $0.name == name }.compactMap(\.imageHash) } }
    }
    return differences
  }

  /// The difference between two sides of a comparison as a sentence.
  var sentence: String {
    switch kind {
    case .suite: "the suite \(name) has changed"
    case .image: "the image of the suite \(name) has changed"
    case .kernel, .configuration, .accelerator, .processor, .qemu, .host, .ktest:
      "\(what): \(before) and \(now)"
    }
  }

  /// What it is a difference of.
  var what: String {
    switch kind {
    case .kernel: "kernel"
    case .configuration: "configuration"
    case .accelerator: "accelerator"
    case .processor: "guests' processor"
    case .qemu: "QEMU"
    case .host: "host"
    case .suite: "suite"
    case .image: "image"
    case .ktest: "ktest"
    }
  }
}
