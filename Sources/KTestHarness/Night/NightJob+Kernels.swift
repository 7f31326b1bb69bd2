import KTestHost
import KTestValues

extension NightJob {
  /// Fetches and builds the kernels. One that cannot be had is not tested, and the night goes on with the others.
  func getKernels() async throws {
    let ready = await buildsElsewhere()
    for wanted in order.plan.kernels {
      try Task.checkCancellation()
      if let place = record.kernels.firstIndex(where: { $0.name == wanted.name }) {
        try await recall(place)
        continue
      }
      var kernel = NightRecord.Kernel(name: wanted.name)
      let former = former(of: wanted)
      kernel.former = former?.identity
      do {
        let got: Got =
          if let result = ready[wanted.name] { try result.get() } else { try await get(try await find(wanted), wanted) }
        let build = got.build
        kernel.base = got.base
        kernel.describe(build)
        kernels[wanted.name] = build
      } catch {
        if error is CancellationError || Task.isCancelled { throw CancellationError() }
        kernel.problem = Failure(error).description
        session.display.notice("no kernel \(wanted.name): \(Failure(error).description)")
        miss(.kernel, kernel: wanted.name, name: wanted.name, kernel.problem ?? "")
      }
      record.kernels.append(kernel)
      note(changesOf: kernel, former)
      try save()
    }
  }

  /// Finds the kernel that this night had before it was interrupted.
  private func recall(_ place: Int) async throws {
    let kernel = record.kernels[place]
    guard kernel.problem == nil else { return }
    let build = try? await session.kernel(kernel.argument)
    try Task.checkCancellation()
    if let build, build.identity == kernel.identity {
      kernels[kernel.name] = build
      return
    }
    record.kernels[place].problem = "the kernel of the interrupted night is gone"
    miss(.kernel, kernel: kernel.name, name: kernel.name, record.kernels[place].problem ?? "")
    try save()
  }

  /// The kernel as the last night that had it knew it.
  private func former(of wanted: NightPlan.Kernel) -> NightRecord.Kernel? {
    let last = past.last { night in night.kernels.contains { $0.name == wanted.name && $0.problem == nil } }
    return last?.kernels.first { $0.name == wanted.name }
  }

  /// Where a kernel comes from.
  private enum Origin: Sendable {
    /// - Parameter base: see ``NightRecord/Kernel/base``.
    case source(String, base: String? = nil)
    case named(String)
  }

  private struct Got: Sendable {
    var build: KernelBuild
    var base: String?
  }

  /// Other hosts build several kernels at a time. Branches are fetched one after the other, for they may be of one repository.
  private func buildsElsewhere() async -> [String: Result<Got, any Error>] {
    guard session.kernels.buildsSideBySide else { return [:] }
    var ready: [String: Result<Got, any Error>] = [:]
    var sources: [(NightPlan.Kernel, Origin)] = []
    for wanted in order.plan.kernels where !record.kernels.contains(where: { $0.name == wanted.name }) {
      do {
        let origin = try await find(wanted)
        if case .source = origin { sources.append((wanted, origin)) }
      } catch { ready[wanted.name] = .failure(error) }
    }
    await withTaskGroup(of: (String, Result<Got, any Error>).self) { group in
      for (wanted, origin) in sources {
        group.addTask {
          do { return (wanted.name, .success(try await self.get(origin, wanted))) } catch {
            return (wanted.name, .failure(error))
          }
        }
      }
      for await (name, result) in group { ready[name] = result }
    }
    return ready
  }

  private func find(_ wanted: NightPlan.Kernel) async throws -> Origin {
    switch wanted.source {
    case .branch(let tree, let remote, let branch):
      session.display.show(.step("fetching \(branch)"))
      let history = try await GitHistory(containing: tree)
      let commit = try await history.fetch(branch, from: remote, for: "\(order.plan.name)-\(wanted.name)")
      session.display.clear()
      var base: String?
      if let old = former(of: wanted)?.commit, !old.isEmpty, try await !history.isAncestor(old, of: commit) {
        base = try await history.mergeBase(old, commit)
      }
      return .source("\(tree)@\(commit)", base: base)
    case .named(let name): return KernelBuildOptions.isSource(name) ? .source(name) : .named(name)
    }
  }

  private func get(_ origin: Origin, _ wanted: NightPlan.Kernel) async throws -> Got {
    switch origin {
    case .source(let source, let base): return Got(build: try await build(source, wanted), base: base)
    case .named(let name):
      guard case .debian = try KernelSource(parsing: name) else { return Got(build: try await session.kernel(name)) }
      do {
        return Got(build: try await session.kernel(name, refresh: true))
      } catch {
        if error is CancellationError { throw error }
        guard let known = try? await session.kernel(name) else { throw error }
        let reason = "no newer one could be looked for, this is that of the cache: \(Failure(error).description)"
        miss(.kernel, kernel: wanted.name, name: wanted.name, reason)
        return Got(build: known)
      }
    }
  }

  /// Builds a kernel for the suites that run on it; what did not change comes from the cache.
  func build(_ source: String, _ wanted: NightPlan.Kernel) async throws -> KernelBuild {
    let options = KernelBuildOptions(base: wanted.base, fragments: wanted.fragments)
    let suites = try order.configuredSuites(on: wanted, in: session).map { try $0.chosenSuite }
    let built = try await session.build(try options.request(source, suites: suites, casesMayBeSkipped: true))
    session.display.notice(built.summary)
    return built.kernel
  }

  private func note(changesOf kernel: NightRecord.Kernel, _ former: NightRecord.Kernel?) {
    guard let former, kernel.problem == nil, former.identity != kernel.identity else { return }
    record.differences.append(
      NightRecord.Difference(kind: .kernel, name: kernel.name, before: former.text, now: kernel.text))
    if let before = former.configHash, let now = kernel.configHash, before != now {
      record.differences.append(
        NightRecord.Difference(
          kind: .configuration, name: kernel.name, before: String(before.prefix(12)), now: String(now.prefix(12))))
    }
  }

  /// Notes once what was not tested.
  func miss(_ kind: NightRecord.Untested.Kind, kernel: String, name: String, _ reason: String) {
    let missed = NightRecord.Untested(kind: kind, kernel: kernel, name: name, reason: reason)
    if !record.untested.contains(missed) { record.untested.append(missed) }
  }

  /// Returns the kernel of an earlier night, if it can be had: the very same build, or one of the same commit.
  func kernel(_ old: NightRecord.Build, named name: String) async throws -> KernelBuild? {
    let key = old.identity + old.commit
    if let known = goodKernels[key] { return known }
    var found: KernelBuild?
    if !old.argument.isEmpty, let build = try? await session.silent.kernel(old.argument), build.identity == old.identity
    {
      found = build
    }
    if found == nil, !old.commit.isEmpty, let wanted = order.plan.kernels.first(where: { $0.name == name }),
      case .branch(let tree, _, _) = wanted.source
    {
      found = try? await build("\(tree)@\(old.commit)", wanted)
    }
    try Task.checkCancellation()
    goodKernels[key] = .some(found)
    return found
  }
}

extension NightRecord.Kernel {
  fileprivate mutating func describe(_ build: KernelBuild) {
    (label, release, identity) = (build.label, build.release, build.identity)
    (commit, configHash) = (build.source.commit ?? "", build.configHash)
    // A short name stands for another package tomorrow.
    var exact = build.source
    if exact.package != nil { exact.name = nil }
    argument = exact.argument ?? build.imagePath
  }

  /// For people: the label, and what else tells two of them apart.
  var text: String {
    let names = [build.title, label.contains(release) ? "" : "(\(release))"]
    return names.filter { !$0.isEmpty }.joined(separator: " ") + (commit.isEmpty ? ", build \(identity.prefix(8))" : "")
  }
}

extension GitHistory {
  /// Fetches a branch and returns its commit. A reference of ktest's own keeps it: the repository's branches stay as they are.
  ///
  /// - Throws: ``Failure``, ``GitProblem``, ``GitFailure``.
  func fetch(_ branch: String, from remote: String, for name: String) async throws -> String {
    guard Git.isFetchable(branch), !remote.hasPrefix("-") else {
      throw Failure(.usage, "'\(branch)' of '\(remote)' is not a branch that can be fetched")
    }
    let reference = GitHistory.reference(for: name)
    let result = try await Git.run(
      ["fetch", "--quiet", "--no-tags", remote, "+refs/heads/\(branch):\(reference)"], in: folder, fetches: true)
    guard result.succeeded else {
      throw Failure(
        .host, "git cannot fetch the branch \(branch) of \(remote) into \(folder): \(result.complaint.firstLine)")
    }
    return try await commit(reference)
  }

  /// The reference of ktest's own that keeps what a night needs.
  static func reference(for name: String) -> String {
    let safe = name.map { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-") ? $0 : "-" }
    return "refs/ktest/nightly/\(String(safe))"
  }
}
