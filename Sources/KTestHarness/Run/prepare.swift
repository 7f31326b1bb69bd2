internal import GuestProtocol

/// A suite and what was asked of it.
public struct SuiteRequest: Sendable {
  public var suite: Suite
  /// Names or `*` patterns of the cases wanted; empty for all.
  public var cases: [String]

  public init(_ suite: Suite, cases: [String] = []) {
    self.suite = suite
    self.cases = cases
  }
}

/// Where a run finds what it is made of.
public struct RunPlaces: Sendable {
  /// Path of the `ktest-agent` executable.
  public var agent: String
  /// Folders with image recipes, first match wins.
  public var images: [String]
  /// Root of the cache.
  public var cache: String

  public init(agent: String, images: [String], cache: String) {
    self.agent = agent
    self.images = images
    self.cache = cache
  }
}

/// A plan could not be made; nothing has booted. The text is for the user.
public struct PlanError: Error, Equatable, CustomStringConvertible {
  public var description: String
  /// True when what the user wrote is at fault, a suite or a selection.
  public var isUsage: Bool
  /// True when it is not in a file but in the selection of cases.
  public var isSelection: Bool

  public init(_ description: String, isUsage: Bool = true, isSelection: Bool = false) {
    self.description = description
    self.isUsage = isUsage
    self.isSelection = isSelection
  }
}

/// Checks every suite against every kernel and builds the images that are needed.
///
/// - Returns: the plan, and for each suite's name the image it boots (the first kernel's, for the manifest).
/// - Throws: ``PlanError``, ``ImageError``, ``KernelError``.
public func prepare(
  _ requests: [SuiteRequest], kernels: [KernelBuild], parameters: [String: String], settings: RunSettings,
  places: RunPlaces, progress: @escaping @Sendable (String) -> Void
) async throws -> (plan: Plan, images: [String: BuiltImage]) {
  var planned: [PlannedSuite] = []
  var images: [String: BuiltImage] = [:]
  for request in requests {
    for kernel in kernels {
      let (suite, image) = try await prepare(
        request, kernel: kernel, parameters: parameters, keepsMemory: settings.dumps != nil, places: places,
        progress: progress)
      planned.append(suite)
      if let image, images[request.suite.name] == nil { images[request.suite.name] = image }
    }
  }
  return (Plan(suites: planned, settings: settings), images)
}

/// Which cases of a suite a kernel can run, as far as can be told before boot.
public func preflight(
  _ suite: Suite, kernel: KernelBuild, parameters: [String: String] = [:]
) async throws -> [PlannedCase] {
  let payload = try await modules(of: suite, cases: suite.cases, kernel: kernel)
  let check = Preflight(kernel: kernel, missingModules: Set(payload.missing), parameters: parameters)
  return suite.cases.map { PlannedCase($0, skip: check.skipReason(of: $0, in: suite)) }
}

private func prepare(
  _ request: SuiteRequest, kernel: KernelBuild, parameters: [String: String], keepsMemory: Bool,
  places: RunPlaces, progress: @escaping @Sendable (String) -> Void
) async throws -> (PlannedSuite, BuiltImage?) {
  let suite = request.suite
  let chosen = try select(request)
  let payload = try await modules(of: suite, cases: chosen, kernel: kernel)
  let preflight = Preflight(kernel: kernel, missingModules: Set(payload.missing), parameters: parameters)
  var planned = PlannedSuite(
    suite: suite, kernel: kernel, initramfs: "", commandLine: try guestCommandLine(of: suite.guest),
    cases: chosen.map { PlannedCase($0, skip: preflight.skipReason(of: $0, in: suite)) })
  guard planned.boots > 0 else { return (planned, nil) }
  // By the one a kernel tells that it panicked, by the other where it lies: a memory image is no good without.
  let forMemory = keepsMemory ? ["pvpanic_mmio", "qemu_fw_cfg"] : []
  let own = try await modules(for: ["virtio_pci", "virtio_console"] + forMemory, kernel: kernel)
  var files: [ImagePayload] = []
  for file in own.files + payload.files where !files.contains(where: { $0.path == path(of: file) }) {
    files.append(ImagePayload(path: path(of: file), content: .bytes(try await readModule(file))))
  }
  if !own.files.isEmpty {
    let list = own.files.map { "\($0.name) \(path(of: $0))\n" }.joined()
    files.append(ImagePayload(path: "/ktest/early-modules", content: .bytes(Array(list.utf8))))
  }
  let recipe = try recipe(named: suite.image, for: suite, in: places.images)
  let image = try await buildImage(
    recipe, parameters: parameters, modules: files, agent: places.agent, cache: places.cache,
    progress: { progress("image \(suite.image): \($0)") })
  planned.initramfs = image.path
  planned.modules = try await loads(suite.modules, kernel: kernel)
  for test in chosen where !test.modules.isEmpty && planned.runs(test) {
    planned.caseModules[test.name] = try await loads(test.modules, kernel: kernel)
  }
  return (planned, image)
}

extension PlannedSuite {
  fileprivate func runs(_ test: Case) -> Bool { cases.contains { $0.test.name == test.name && $0.skip == nil } }
}

private func select(_ request: SuiteRequest) throws(PlanError) -> [Case] {
  guard !request.cases.isEmpty else { return request.suite.cases }
  var wanted: Set<String> = []
  for text in request.cases {
    guard let pattern = try? WildcardPattern(parsing: text) else {
      throw PlanError("'\(text)' is no pattern for cases", isSelection: true)
    }
    let found = request.suite.cases.filter { pattern.matches(whole: $0.name) }
    guard !found.isEmpty else {
      let names = request.suite.cases.map(\.name).joined(separator: ", ")
      throw PlanError("suite \(request.suite.name) has no case '\(text)'; it has \(names)", isSelection: true)
    }
    wanted.formUnion(found.map(\.name))
  }
  return request.suite.cases.filter { wanted.contains($0.name) }
}

private func path(of file: ModuleFile) -> String { "/lib/modules/ktest/\(file.name).ko" }

private func modules(of suite: Suite, cases: [Case], kernel: KernelBuild) async throws -> ModulePayload {
  let named = suite.modules.map(\.name) + cases.flatMap { $0.modules.map(\.name) + $0.requires.modules }
  return try await modules(for: named + suite.requires.modules, kernel: kernel)
}

/// A kernel that came without modules is asked for none: what it lacks is the reason of a skip, not an error.
private func modules(for names: [String], kernel: KernelBuild) async throws -> ModulePayload {
  do {
    return try await modulePayload(for: names, of: kernel)
  } catch KernelError.noModules { return ModulePayload(files: [], builtIn: [], missing: names) }
}

/// The files to load for what was asked, dependencies first; parameters go to the module that was asked for.
private func loads(_ wanted: [ModuleRequest], kernel: KernelBuild) async throws -> [ModuleLoad] {
  let payload = try await modules(for: wanted.map(\.name), kernel: kernel)
  return payload.files.map { file in
    let request = wanted.first { ModuleIndex.normal($0.name) == file.name }
    return ModuleLoad(
      name: file.name, path: path(of: file), parameters: request?.arguments.joined(separator: " ") ?? "")
  }
}

private func recipe(named name: String, for suite: Suite, in folders: [String]) throws -> RecipeFile {
  for folder in folders {
    let path = "\(folder)/\(name).yaml"
    guard Files.exists(path) else { continue }
    let (file, diagnostics) = try RecipeFile.read(path)
    if let file { return file }
    let renderer = DiagnosticRenderer(source: (try? Files.read(path)) ?? [])
    throw PlanError(renderer.render(diagnostics))
  }
  let places = folders.joined(separator: ", ")
  throw PlanError("suite \(suite.name) wants the image '\(name)'; there is no \(name).yaml in \(places)")
}
