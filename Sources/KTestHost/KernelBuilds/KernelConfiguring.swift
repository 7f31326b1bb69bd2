import KTestValues

/// Makes the configuration of a build directory and verifies that it is as requested.
struct KernelConfiguring {
  var tree: KernelSourceTree
  /// The build directory, and `make`'s own directory in it.
  var directory: String
  var objects: String
  var request: KernelBuildRequest
  var cache: KernelBuildCache
  var log: String
  var progress: @Sendable (KernelBuildProgress) -> Void

  /// The maximum number of rounds. A misspelt symbol is found at once; the longest chain of dependencies seen has five
  /// links.
  private static let rounds = 8

  /// Makes the configuration. Returns the symbols that were switched on in addition: `ZONE_DEVICE (for
  /// DEVICE_PRIVATE)`.
  ///
  /// Throws ``KernelBuildError``: `conflicts`, `configurationImpossible`, `configurationFailed`, and those of the host.
  func configure() async throws -> [String] {
    if !request.refresh, request.buildDirectoryKey == nil, let known = remembered() { return known }
    progress(.step("configuring \(tree.name)"))
    let names = Set(request.modules.map(\.name))
    let loads = ModuleSymbols.search(tree.directory, for: names).wishes(for: request.modules)
    var wishes = ConfigWishes(own: request.needs, asked: request.wishes + loads)
    guard wishes.conflicts.isEmpty else { throw KernelBuildError.conflicts(wishes.conflicts) }
    let asked = wishes.all
    let base = try await base()
    var kconfig: KconfigTree?
    var supplements: [String] = []
    for _ in 0..<KernelConfiguring.rounds {
      try cache.write(wishes.merged(into: base), to: "\(objects)/.config")
      let words = try await make(["olddefconfig"])
      let config = KernelConfig(parsing: cache.text("\(objects)/.config") ?? "")
      let missing = asked.filter { !$0.isGranted(by: config) }
      if missing.isEmpty { return supplements }
      if kconfig == nil { progress(.step("reading the Kconfig files of \(tree.name)")) }
      let known = kconfig ?? KconfigTree(ofSource: tree.directory)
      kconfig = known
      var added = false
      for wish in missing {
        for extra in known.supplement(for: wish, in: config, wishes: wishes) ?? [] where wishes[extra.symbol] == nil {
          wishes.add(extra)
          supplements.append("\(extra.symbol) (for \(wish.symbol))")
          added = true
        }
      }
      if added { continue }
      let rest = missing.filter { !(($0.mayBeAbsent || $0.isOptional) && known.lacks($0.symbol)) }
      if rest.contains(where: { !$0.isOptional }) { throw impossible(rest, config, wishes, known, words) }
      for note in request.absences(in: config, lacks: known.lacks) { progress(.note(note)) }
      for wish in rest { progress(.note("\(known.shortfall(wish, in: config, wishes: wishes))")) }
      return supplements
    }
    let config = KernelConfig(parsing: cache.text("\(objects)/.config") ?? "")
    let missing = asked.filter { !$0.isGranted(by: config) }
    throw impossible(missing, config, wishes, kconfig ?? KconfigTree { _ in nil }, [])
  }

  private func impossible(
    _ missing: [ConfigWish], _ config: KernelConfig, _ wishes: ConfigWishes, _ tree: KconfigTree, _ words: [String]
  ) -> KernelBuildError {
    let told = words.filter { line in missing.contains { line.contains($0.symbol) } }
    return .configurationImpossible(
      source: self.tree.name, shortfalls: missing.map { tree.shortfall($0, in: config, wishes: wishes) },
      kconfig: Array(told.prefix(8)))
  }

  private func base() async throws -> String {
    switch request.base {
    case .text(let text, _): return text
    case .allnoconfig, .defconfig:
      _ = try await make(["\(request.base)"])
      return cache.text("\(objects)/.config") ?? ""
    }
  }

  /// Runs make and returns Kconfig's complaints.
  private func make(_ targets: [String]) async throws -> [String] {
    let process = MakeProcess(
      arguments: ["-C", tree.directory, "O=\(objects)"] + request.variables + targets,
      environment: try await BuildTools.environment(for: tree.directory), log: log, tree: tree.directory)
    let (succeeded, state) = try await process.run()
    guard succeeded else {
      let failure = state.failure(source: tree.name, log: log, directory: directory)
      guard case .doesNotCompile = failure else { throw failure }
      throw KernelBuildError.configurationFailed(lines: state.last, log: log)
    }
    return state.last.filter { $0.contains("warning:") }
  }

  // MARK: what is known from the last time

  /// Returns the supplements of the last time if neither the configuration nor any Kconfig file has changed since.
  private func remembered() -> [String]? {
    guard let text = cache.text("\(directory)/configured"), let stamp = stamp(),
      request.isGranted(
        by: KernelConfig(parsing: cache.text("\(objects)/.config") ?? ""), lacks: { _ in false })
    else { return nil }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    return lines.first == stamp ? Array(lines.dropFirst()) : nil
  }

  /// Remembers the supplements. Call it after a successful build.
  func remember(_ supplements: [String]) throws {
    guard let stamp = stamp() else { return }
    try cache.write(([stamp] + supplements).joined(separator: "\n"), to: "\(directory)/configured")
  }

  /// Returns a stamp of all files that Kconfig lists as read; nil before the first build.
  private func stamp() -> String? {
    guard let list = cache.text("\(objects)/include/config/auto.conf.cmd"),
      let config = KernelFiles.stamp(of: "\(objects)/.config")
    else { return nil }
    var hash = SHA256()
    hash.update("\(config)\n")
    var count = 0
    for word in list.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\t" || $0 == "\\" })
    where word.contains("Kconfig") {
      let path = word.hasPrefix("/") ? String(word) : "\(tree.directory)/\(word)"
      hash.update("\(path) \(KernelFiles.stamp(of: path) ?? "absent")\n")
      count += 1
    }
    return count == 0 ? nil : hash.hex()
  }
}

extension KconfigTree {
  /// Reads the Kconfig files of a source tree.
  package init(ofSource directory: String) {
    self.init { try? KernelFiles.read("\(directory)/\($0)", limit: 4 << 20) }
  }
}
