import Foundation
import KTestGuests
import KTestHost
import KTestValues

/// The report of a search over commits or builds, and what goes with the name of a commit.
extension SearchContext {
  func report(_ conclusion: Conclusion, of search: Bisection) async throws -> BisectReport {
    let steps = files.steps
    var facts = CulpritFacts()
    if case .culprit(let node, _) = conclusion { facts = try await self.facts(of: node, in: search.graph) }
    var report = BisectReport(
      conclusion, of: search, steps: steps, header: header, aim: await world.aim, culprit: facts,
      directory: files.directory)
    guard case .commits(let repository, _, _) = header.space, let commit = facts.commit else { return report }
    let kernel = try await world.kernel(of: .commit(commit.commit)).kernel
    let mail = try await mail(for: report, commit, kernel, repository: repository)
    try files.write("mail.txt", Array(mail.text.utf8))
    report.mail = files.directory + "/mail.txt"
    let bundle = SearchBundle(
      header: header, suite: suite, images: try session.places.folders("images"), kernel: kernel,
      repository: repository, commit: commit.commit, test: report.test)
    try bundle.write(to: files.directory + "/bundle", steps: steps)
    report.bundle = files.directory + "/bundle"
    return report
  }

  private func facts(of node: Int, in graph: CommitGraph) async throws -> CulpritFacts {
    let culprit = graph.commit(node)
    guard case .commits(let repository, _, _) = header.space else {
      let parent = graph.nodes[node].parents.first.map { graph.commit($0) } ?? ""
      let before = try await world.kernel(of: .commit(parent)).kernel?.config
      let after = try await world.kernel(of: .commit(culprit)).kernel?.config
      var facts = CulpritFacts(absent: header.gaps?[culprit] ?? [])
      if let before, let after { facts.symbols = before.differences(from: after) }
      return facts
    }
    return CulpritFacts(commit: try await GitHistory(containing: repository).describe(culprit))
  }

  // MARK: - Mail

  private func mail(
    for report: BisectReport, _ commit: GitHistory.Description, _ kernel: KernelBuild?, repository: String
  ) async throws -> BisectMail {
    let aim = await world.aim
    var sentences = report.verification
    if let confidence = report.confidence {
      sentences.append(
        String(format: "probability that this is the commit: %.1f %%", confidence * 100)
          + ", from \(BisectText.runs(report.runs, boots: report.boots))")
    }
    return BisectMail(
      culprit: .init(reference: commit.reference, hash: commit.commit, subject: commit.subject), test: report.test,
      target: aim?.target.subject ?? report.target,
      splat: await splatLines(of: commit.commit, aim, kernel, tree: repository), environment: environment(kernel),
      // From inside any clone of the repository: the reader does not have the user's paths.
      reproduce: "ktest run \(shellQuoted(report.test)) --kernel .@\(commit.commit.prefix(12)) --build",
      verification: sentences, good: report.good.joined(separator: ", "), bad: report.bad,
      recipients: try await recipients(of: commit, repository: repository))
  }

  private func environment(_ kernel: KernelBuild?) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    if let kernel {
      rows.append(("kernel", kernel.label))
      if let compiler = kernel.source.compiler { rows.append(("compiler", compiler)) }
      if let config = kernel.configHash { rows.append(("config", "in the bundle, \(config.prefix(16))")) }
    }
    let guest = suite.suite.guest
    rows.append(("guest", "\(guest.cpus) CPUs, \(guest.memory), \(guest.kernelParameters.joined(separator: " "))"))
    rows.append(("host", "QEMU \(host.qemu ?? "?") under \(host.settings.accelerator.rawValue)"))
    return rows
  }

  /// The target's splat in the last run of the commit that showed it, with source lines if the kernel has debug
  /// information; empty if the target is no splat.
  private func splatLines(
    of commit: String, _ aim: BisectAim?, _ kernel: KernelBuild?, tree: String
  ) async -> [String] {
    guard case .splat(let signature)? = aim?.target else { return [] }
    let runs = files.steps.reversed().compactMap { step -> String? in
      guard case .evidence(let evidence, _, let journal) = step, evidence.subject == .commit(commit),
        evidence.outcome == .targetSeen
      else { return nil }
      return journal
    }
    guard let (splat, before) = runs.lazy.compactMap({ RunConsoles.splat(signature, in: $0) }).first else { return [] }
    let image = (kernel?.configPath).map { ($0 as NSString).deletingLastPathComponent + "/vmlinux" }
    if let image, let symbolizer = try? Symbolizer(kernel: image, source: tree),
      let result = try? await symbolizer.symbolised([splat]).first
    {
      return MailSplat(result.splat.lines, after: before).lines
    }
    return MailSplat(splat.lines, after: before).lines
  }

  /// Returns the author and the recipients that `scripts/get_maintainer.pl` lists for the commit's files.
  private func recipients(of commit: GitHistory.Description, repository: String) async throws -> [String] {
    let history = try await GitHistory(containing: repository)
    var all = [commit.author]
    let files = try await history.changedFiles(from: commit.parents, to: commit.commit)[commit.commit] ?? []
    if let tree = await world.sourceDirectory, !files.isEmpty { all += await maintainers(of: files, in: tree) }
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

extension BisectTarget {
  /// The text for the subject of a mail: the splat's title itself.
  var subject: String {
    if case .splat(let signature) = self { return signature.title }
    return text
  }
}
