import Foundation
import KTestHarness

/// What the report of a found culprit says, and the files that go with it.
extension BisectReport {
  mutating func name(
    _ node: Int, _ search: Bisection, _ header: BisectHeader, _ record: BisectJob.Record, _ aim: BisectAim?,
    _ suite: SuiteFile, _ world: BisectWorld, _ environment: BisectEnvironment
  ) async throws {
    let culprit = search.graph.commit(node)
    switch header.space {
    case .commits(let repository, _, _):
      let history = try await GitHistory(containing: repository)
      let commit = try await history.describe(culprit)
      answer = .commit(commit)
      let kernel = try await world.kernel(of: .commit(culprit)).kernel
      let splat = console(of: culprit, record, aim)
      let mail = BisectMail(
        culprit: .init(reference: commit.reference, hash: commit.commit, subject: commit.subject), test: test,
        target: aim?.target.subject ?? target, splat: await lines(splat, kernel, repository),
        environment: rows(kernel, suite.suite, environment), reproduce: reproduce(culprit),
        verification: sentences, good: good.joined(separator: ", "), bad: bad,
        recipients: try await recipients(commit, history, world))
      try record.write("mail.txt", Array(mail.text.utf8))
      self.mail = record.directory + "/mail.txt"
      bundle = try makeBundle(record, suite, kernel, repository, culprit)
    case .builds:
      let parent = search.graph.nodes[node].parents.first.map { search.graph.commit($0) } ?? ""
      answer = .build(good: parent, bad: culprit, symbols: [])
      let before = try await world.kernel(of: .commit(parent)).kernel?.config
      let after = try await world.kernel(of: .commit(culprit)).kernel?.config
      if let before, let after {
        let names = before.differences(from: after)
        if !names.isEmpty {
          let listed = names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
          verification.append(
            "not only the code differs: \(names.count) symbols of the configuration do (\(listed)); whether one of them "
              + "decides was not tried")
        }
      }
    case .commandLine, .configuration: break
    }
  }

  private var sentences: [String] {
    var all = verification
    if let confidence {
      all.append(String(format: "odds that this is the commit: %.1f %%, from \(runs) runs", confidence * 100))
    }
    return all
  }

  /// From inside any clone of the repository: the reader has not the user's paths.
  private func reproduce(_ commit: String) -> String {
    "ktest run \(shellQuoted(test)) --kernel .@\(commit.prefix(12)) --build"
  }

  private func rows(
    _ kernel: KernelBuild?, _ suite: Suite, _ environment: BisectEnvironment
  ) -> [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    if let kernel {
      rows.append(("kernel", kernel.label))
      if let compiler = kernel.source.compiler { rows.append(("compiler", compiler)) }
      if let config = kernel.configHash { rows.append(("config", "in the bundle, \(config.prefix(16))")) }
    }
    rows.append(
      (
        "guest",
        "\(suite.guest.cpus) CPUs, \(suite.guest.memory), \(suite.guest.kernelParameters.joined(separator: " "))"
      ))
    rows.append(("host", "QEMU \(environment.qemu) under \(environment.accelerator)"))
    return rows
  }

  /// The target's splat in the last run of the commit that showed it, with the log before it; nil where the target is
  /// none.
  private func console(
    of commit: String, _ record: BisectJob.Record, _ aim: BisectAim?
  ) -> (splat: Splat, before: [UInt8])? {
    guard case .splat(let signature)? = aim?.target else { return nil }
    for case .evidence(let evidence, _, let journal?) in record.steps.reversed()
    where evidence.subject == .commit(commit) && evidence.outcome == .targetSeen {
      for file in BisectFiles.consoles(of: journal) {
        guard let data = try? RegularFile.bytes(of: file, limit: 1 << 30) else { continue }
        if let splat = BisectFiles.splats(data).first(where: { Signature($0).matches(signature) }) {
          return (splat, Array(data.prefix(splat.byteRange.lowerBound)))
        }
      }
    }
    return nil
  }

  /// With source lines where the kernel has debug information; as it was elsewhere.
  private func lines(
    _ found: (splat: Splat, before: [UInt8])?, _ kernel: KernelBuild?, _ tree: String
  ) async -> [String] {
    guard let (splat, before) = found else { return [] }
    let image = (kernel?.configPath).map { ($0 as NSString).deletingLastPathComponent + "/vmlinux" }
    if let image, let symbolizer = try? Symbolizer(kernel: image, source: tree),
      let result = try? await symbolizer.symbolised([splat]).first
    {
      return MailSplat(result.splat.lines, after: before).lines
    }
    return MailSplat(splat.lines, after: before).lines
  }

  /// The author, and whom `scripts/get_maintainer.pl` names for the commit's files.
  private func recipients(
    _ commit: GitHistory.Description, _ history: GitHistory, _ world: BisectWorld
  ) async throws -> [String] {
    var all = [commit.author]
    let files = try await history.changedFiles(from: commit.parents, to: commit.commit)[commit.commit] ?? []
    if let tree = await world.sourceDirectory, !files.isEmpty { all += await maintainers(of: files, in: tree) }
    return all.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  // MARK: - Bundle

  /// What replays it elsewhere: suite, configuration, recipe with the sources of its programs, consoles.
  private func makeBundle(
    _ record: BisectJob.Record, _ suite: SuiteFile, _ kernel: KernelBuild?, _ repository: String, _ commit: String
  ) throws -> String {
    let header = record.header
    let files = FileManager.default
    let folder = record.directory + "/bundle"
    try? files.removeItem(atPath: folder)
    do {
      try files.createDirectory(atPath: folder + "/consoles", withIntermediateDirectories: true)
      try Data(suite.bytes).write(to: URL(filePath: folder + "/\(suite.suite.name).yaml"))
      if let config = kernel?.configPath { try files.copyItem(atPath: config, toPath: folder + "/config") }
      if let name = suite.suite.image as String?,
        let images = try Places.current().folders("images").first(where: {
          files.fileExists(atPath: "\($0)/\(name).yaml")
        })
      {
        try files.createDirectory(atPath: folder + "/images", withIntermediateDirectories: true)
        try files.copyItem(atPath: "\(images)/\(name).yaml", toPath: "\(folder)/images/\(name).yaml")
        if files.fileExists(atPath: images + "/src") {
          try files.copyItem(atPath: images + "/src", toPath: folder + "/images/src")
        }
      }
      var number = 0
      for case .evidence(let evidence, _, let journal?) in record.steps {
        for file in BisectFiles.consoles(of: journal) {
          number += 1
          let name =
            "\(number)-\(BisectText.name(evidence.subject).replacing(" ", with: "-"))-\(evidence.outcome.rawValue).log"
          try files.copyItem(atPath: file, toPath: "\(folder)/consoles/\(name)")
        }
      }
      // Behind the suite's name: the cell and the case.
      let selection = test.dropFirst(suite.suite.name.count)
      let settings = header.settings.sorted { $0.key < $1.key }.map { " --set " + shellQuoted("\($0.key)=\($0.value)") }
      let script = """
        #!/bin/sh
        # replay [TREE]: builds the commit with this configuration and runs the case once.
        set -e
        tree=${1:-\(shellQuoted(repository))}
        tree=$(cd "$tree" && pwd)
        cd "$(dirname "$0")"
        exec ktest run \(shellQuoted("./\(suite.suite.name).yaml\(selection)")) --kernel "$tree@\(commit)" --build --base ./config\(settings.joined())

        """
      try Data(withoutSecrets(script).utf8).write(to: URL(filePath: folder + "/replay"))
      try files.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder + "/replay")
    } catch { throw Failure(.host, "cannot make the bundle \(folder): \(error.localizedDescription)") }
    return folder
  }
}

extension BisectFiles {
  static func splats(_ console: [UInt8]) -> [Splat] {
    var stream = SplatStream()
    return stream.push(console) + stream.finish()
  }

  /// The consoles of a run, in the order of its boots.
  static func consoles(of run: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: run + "/consoles")) ?? []
    return names.filter { $0.hasSuffix(".log") }.sorted().map { "\(run)/consoles/\($0)" }
  }
}

extension BisectTarget {
  /// For the subject of a mail: the splat's title itself.
  var subject: String {
    if case .splat(let signature) = self { return signature.title }
    return text
  }
}

/// As one word of a shell's command line, whatever it holds.
func shellQuoted(_ text: String) -> String {
  let plain = text.utf8.allSatisfy { byte in
    (byte >= 48 && byte <= 57) || (byte >= 65 && byte <= 90) || (byte >= 97 && byte <= 122)
      || "-_./:=@,+%".utf8.contains(byte)
  }
  return plain && !text.isEmpty ? text : "'" + text.replacing("'", with: "'\\''") + "'"
}
