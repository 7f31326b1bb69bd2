import KTestGuests
package import KTestHost
package import KTestValues

/// A suite with a selection.
package struct SuiteRequest: Sendable {
  package var suite: Suite
  /// The texts of ``CaseSelection``: names or `*` patterns of cases, or `[axis=value]:PATTERN`; empty for all.
  package var cases: [String]

  package init(_ suite: Suite, cases: [String] = []) {
    self.suite = suite
    self.cases = cases
  }
}

/// The places where a run finds its inputs.
package struct RunPlaces: Sendable {
  /// The path of the `ktest-agent` executable.
  package var agent: String
  /// The folders with image recipes; the first match counts.
  package var images: [String]
  /// The root of the cache.
  package var cache: String

  package init(agent: String, images: [String], cache: String) {
    self.agent = agent
    self.images = images
    self.cache = cache
  }
}

/// The reason why a plan could not be made; nothing has booted. The text is for the user.
package struct PlanError: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// Whether the user's input is at fault, a suite or a selection.
  package var isUsage: Bool
  /// Whether the selection of cases is at fault, not a file.
  package var isSelection: Bool

  package init(_ description: String, isUsage: Bool = true, isSelection: Bool = false) {
    self.description = description
    self.isUsage = isUsage
    self.isSelection = isSelection
  }
}

/// Checks every suite against every kernel and builds the required images.
///
/// - Returns: the plan, and for each suite's name the image it boots (the first kernel's, for the manifest).
/// - Throws: ``PlanError``, ``ImageError``, ``KernelError``.
package func prepare(
  _ requests: [SuiteRequest], kernels: [KernelBuild], parameters: [String: String], settings: RunSettings,
  places: RunPlaces, progress: @escaping @Sendable (String) -> Void
) async throws -> (plan: Plan, images: [String: BuiltImage]) {
  var planned: [PlannedSuite] = []
  var images: [String: BuiltImage] = [:]
  for request in requests {
    for kernel in kernels {
      let (cells, image) = try await prepare(
        request, kernel: kernel, parameters: parameters, settings: settings, places: places, progress: progress)
      planned += cells
      if let image, images[request.suite.name] == nil { images[request.suite.name] = image }
    }
  }
  return (Plan(suites: planned, settings: settings), images)
}

private func prepare(
  _ request: SuiteRequest, kernel: KernelBuild, parameters: [String: String], settings: RunSettings,
  places: RunPlaces, progress: @escaping @Sendable (String) -> Void
) async throws -> ([PlannedSuite], BuiltImage?) {
  var request = request
  guard request.suite.kind != .build else {
    throw PlanError("suite \(request.suite.name) only compiles: run it separately with 'ktest run'", isSelection: true)
  }
  var recipe = try recipe(named: request.suite.image, for: request.suite, in: places.images)
  let isWholeCollection = request.suite.isWholeCollection
  let discovered = try await expand(&request, &recipe, kernel: kernel, parameters, places, progress)
  let suite = request.suite
  let chosen = try request.chosen.map { cell, cases in
    var cell = cell
    cell.guest.clock = settings.clock ?? cell.guest.clock
    if settings.isolatesCases { cell.isolation = .case }
    let commandLine = try guestCommandLine(of: cell.guest)
    let (here, absent) = cell.applied(to: Circumstances(kernel, commandLine))
    let names = Set(cases.map(\.name))
    var planned = PlannedSuite(
      suite: here, kernel: kernel, initramfs: "", commandLine: commandLine,
      cases: here.cases.filter { names.contains($0.name) }.map { PlannedCase($0) })
    planned.absent = absent.filter { names.contains($0.name) }
    return planned
  }
  let extra = try await buildModules(
    of: recipe, for: ImageKernel(kernel), cache: places.cache, progress: { progress("image \(suite.image): \($0)") })
  let kernelModules = KernelModules(kernel: kernel, added: extra.built.map(\.path))
  // All cells have one image, so that those with the same guest can share it.
  let payload = try await kernelModules.payload(of: suite, cases: chosen.flatMap { $0.cases.map(\.test) })
  let preflight = Preflight(
    kernel: kernel, missingModules: Set(payload.missing), refusedModules: extra.refused, parameters: parameters)
  var planned = chosen.map { cell in
    var cell = cell
    cell.cases = cell.cases.map { PlannedCase($0.test, skip: preflight.skipReason(of: $0.test, in: cell.suite)) }
    return cell
  }
  try checkNamedModules(planned)
  guard planned.contains(where: { $0.boots > 0 }) else { return (planned, nil) }
  // The first makes a kernel report its panic, the second its load address, which a memory image needs.
  let forMemory = settings.dumps != nil ? ["pvpanic_mmio", "qemu_fw_cfg"] : []
  let own = try await kernelModules.payload(and: ["virtio_pci", "virtio_console"] + forMemory)
  var files: [ImagePayload] = []
  for file in own.files + payload.files where !files.contains(where: { $0.path == file.pathInGuest }) {
    files.append(ImagePayload(path: file.pathInGuest, content: .bytes(try await readModule(file))))
  }
  if !own.files.isEmpty {
    let list = own.files.map { "\($0.name) \($0.pathInGuest)\n" }.joined()
    files.append(ImagePayload(path: "/ktest/early-modules", content: .bytes(Array(list.utf8))))
  }
  if isWholeCollection, let config = kernel.config {
    // Scripts look there for what the kernel can do.
    files.append(ImagePayload(path: "/boot/config-\(kernel.release)", content: .bytes(Array(config.text.utf8))))
  }
  var image = try await buildImage(
    recipe, parameters: parameters, kernel: ImageKernel(kernel), modules: files, agent: places.agent,
    cache: places.cache,
    progress: { progress("image \(suite.image): \($0)") })
  image.layers += extra.layers
  image.notices = discovered + extra.notices + image.notices
  for place in planned.indices where planned[place].boots > 0 {
    planned[place].initramfs = image.path
    planned[place].image = image
    planned[place].look(for: image)
    planned[place].modules = try await kernelModules.loads(planned[place].suite.modules)
    for case_ in planned[place].cases where !case_.test.modules.isEmpty && case_.skip == nil {
      planned[place].caseModules[case_.test.name] = try await kernelModules.loads(case_.test.modules)
    }
  }
  return (planned, image)
}

/// Adds the tests of the suite's collection to its cases, and the collection to the image. Returns notices.
private func expand(
  _ request: inout SuiteRequest, _ recipe: inout RecipeFile, kernel: KernelBuild, _ parameters: [String: String],
  _ places: RunPlaces, _ progress: @escaping @Sendable (String) -> Void
) async throws -> [String] {
  guard let collection = request.suite.collection else { return [] }
  let (image, build, kernel) = (request.suite.image, kernel, ImageKernel(kernel))
  recipe = recipe.adding(selftests: collection.folder, for: kernel)
  let folder = try await selftestFolder(
    collection.folder, of: recipe, kernel: kernel, cache: places.cache, progress: { progress("image \(image): \($0)") })
  guard let folder else { return [] }
  let before = request.suite
  let absent = absentSymbols(of: before.needs(with: folder, absent: []), in: build)
  request.suite = try before.expanded(by: folder, parameters: parameters, absent: absent)
  let chosen = try request.chosenSuite
  let isUnvetted = before.isWholeCollection || chosen.cases.contains { $0.name.hasPrefix(Suite.discovered) }
  let needed = isUnvetted ? before.needs(with: folder, absent: absent) : []
  return [folder.notice(of: chosen), folder.notice(of: before, on: build, needed, parameters)].compactMap(\.self)
}

/// Returns those of the symbols that the kernel lacks because its tree has none of that name.
func absentSymbols(of needed: [ConfigRequirement], in kernel: KernelBuild) -> Set<String> {
  guard let config = kernel.config, let source = kernel.sourcePath else { return [] }
  let missing = Set(needed.map { KernelConfig.bare($0.symbol) }.filter { !config.isEnabled($0) })
  guard !missing.isEmpty else { return [] }
  return missing.filter(KconfigTree(ofSource: source).lacks)
}

/// Refuses a module that the user has named and the kernel does not have: a skip would look like a choice.
private func checkNamedModules(_ planned: [PlannedSuite]) throws(PlanError) {
  for suite in planned {
    for planned in suite.cases {
      guard let parameter = planned.test.eachModule, let name = planned.test.modules.last?.name,
        let skip = planned.skip, skip.cause.kind == .missingModule, skip.cause.names.contains(name)
      else { continue }
      throw PlanError("--set \(parameter)=…: the kernel \(suite.kernel.label) has no module \(name)", isSelection: true)
    }
  }
}

extension ImageKernel {
  /// Creates the properties that an image needs from a kernel.
  package init(_ kernel: KernelBuild) {
    self.init(
      label: kernel.label, release: kernel.release, source: kernel.sourcePath, build: kernel.buildPath,
      sourcePackage: kernel.source.sourcePackage(release: kernel.release))
  }
}

func recipe(named name: String, for suite: Suite, in folders: [String]) throws -> RecipeFile {
  for folder in folders {
    let path = "\(folder)/\(name).yaml"
    guard Files.exists(path) else { continue }
    let (file, diagnostics) = try RecipeFile.read(path)
    if let file { return file }
    let renderer = DiagnosticRenderer(source: (try? Files.read(path)) ?? [])
    throw PlanError(renderer.render(diagnostics))
  }
  let places = folders.joined(separator: ", ")
  throw PlanError("suite \(suite.name) needs the image '\(name)', but there is no \(name).yaml in \(places)")
}
