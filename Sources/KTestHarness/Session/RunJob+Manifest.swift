import KTestGuests
import KTestHost
import KTestValues

extension RunJob {
  func manifest(_ prepared: PreparedRun, _ host: OpenHost) -> RunManifest {
    var manifest = RunManifest(
      ktest: ktestVersion, arguments: session.arguments,
      suites: suites.map { file in
        RunManifest.Suite(
          name: file.suite.name, path: file.path, sha256: SHA256.hex(of: file.bytes), image: file.suite.image,
          imageHash: prepared.images[file.suite.name]?.sha256, clock: clock ?? file.suite.guest.clock)
      },
      kernels: kernels.map { kernel in
        RunManifest.Kernel(
          label: kernel.label, source: kernel.source, release: kernel.release, image: kernel.imagePath,
          identity: kernel.identity, configHash: kernel.configHash)
      },
      accelerator: RunManifest.Accelerator(
        asked: host.accel.rawValue,
        used: host.executor == nil ? prepared.plan.settings.accelerator.rawValue : nil,
        processor: host.executor == nil ? prepared.plan.settings.accelerator.processor : nil),
      host: host.machine)
    manifest.commandLines = prepared.plan.commandLines
    manifest.images = RunJob.images(of: prepared.plan)
    manifest.selection = suites.flatMap(\.selection)
    manifest.parameters = parameters
    manifest.clock = clock
    manifest.functions = countsFunctions ? true : nil
    manifest.isolatesCases = isolatesCases ? true : nil
    manifest.guests = guests == .one ? nil : guests
    manifest.seeds[RunManifest.shuffle] = shuffleSeed
    manifest.drill = drill
    manifest.course = course == .once ? nil : course
    manifest.load = load
    manifest.qemu = host.qemu
    manifest.libvirt = host.libvirt
    return manifest
  }

  /// Returns one image for each suite on each kernel: the cells of a matrix share one.
  private static func images(of plan: Plan) -> [RunManifest.Image] {
    var images: [RunManifest.Image] = []
    for image in plan.suites.compactMap(\.manifestImage) {
      if !images.contains(where: { $0.suite == image.suite && $0.kernel == image.kernel }) { images.append(image) }
    }
    return images
  }
}

extension Plan {
  /// The command line of each suite on each kernel that boots.
  var commandLines: [RunManifest.CommandLine] {
    suites.filter { $0.boots > 0 }.map {
      RunManifest.CommandLine(
        suite: $0.suite.name, kernel: $0.kernel.label, commandLine: $0.commandLine.description)
    }
  }
}

extension PlannedSuite {
  fileprivate var manifestImage: RunManifest.Image? {
    guard let image, boots > 0 else { return nil }
    let layers = image.layers.map { layer in
      RunManifest.Layer(
        title: layer.title, identity: layer.identity, details: layer.details,
        omitted: Dictionary(layer.omitted.map { ($0.path, $0.reason) }) { first, _ in first })
    }
    return RunManifest.Image(
      suite: suite.baseName, kernel: kernel.label, name: image.name, sha256: image.sha256, layers: layers)
  }
}
