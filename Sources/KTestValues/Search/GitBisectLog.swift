/// A reader and writer for `git bisect log` (git-bisect(1)): a shell script of `git bisect start`, `good`, `bad` and
/// `skip`.
package struct GitBisectLog: Sendable, Equatable, Codable {
  package enum Mark: String, Sendable, Codable { case good, bad, skip }

  package struct Entry: Sendable, Equatable, Codable {
    package var mark: Mark
    package var commit: String

    package init(_ mark: Mark, _ commit: String) { (self.mark, self.commit) = (mark, commit) }
  }

  /// The entries in order. The last `bad` is the newest bad end; all `good` are good ends.
  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// The reason why a log cannot be parsed.
  package struct Problem: Error, Equatable, CustomStringConvertible {
    package var line: Int
    package var text: String

    package var description: String {
      "line \(line) of the bisect log cannot be parsed: '\(text.prefix(80))'; expected the output of 'git bisect log'"
    }
  }

  /// Parses a log. Comments are skipped; `old` and `new`, and terms that the log itself names, count as good and bad.
  package init(parsing text: String) throws(Problem) {
    var entries: [Entry] = []
    var terms: [String: Mark] = ["good": .good, "old": .good, "bad": .bad, "new": .bad, "skip": .skip]
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map { $0.filter { $0 != "'" && $0 != "\"" } }
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      guard words.count >= 3, words[0] == "git", words[1] == "bisect" || words[1] == "bisect--helper" else {
        throw Problem(line: number + 1, text: String(line))
      }
      if words[2] == "start" {
        entries += Self.start(Array(words.dropFirst(3)), &terms)
      } else if let mark = terms[words[2]], words.count > 3 {
        entries += words.dropFirst(3).map { Entry(mark, $0) }
      } else {
        throw Problem(line: number + 1, text: String(line))
      }
    }
    self.entries = entries
  }

  /// Parses `git bisect start [--term-… X] [BAD [GOOD…]] [-- PATHS]`.
  private static func start(_ words: [String], _ terms: inout [String: Mark]) -> [Entry] {
    var commits: [String] = []
    var index = 0
    while index < words.count, words[index] != "--" {
      let parts = words[index].split(separator: "=", maxSplits: 1).map(String.init)
      let mark: Mark? =
        switch parts[0] {
        case "--term-new", "--term-bad": .bad
        case "--term-old", "--term-good": .good
        default: nil
        }
      if let mark {
        let value = parts.count > 1 ? parts[1] : index + 1 < words.count ? words[index + 1] : ""
        terms[value] = mark
        index += parts.count > 1 ? 1 : 2
        continue
      }
      if !words[index].hasPrefix("--") { commits.append(words[index]) }
      index += 1
    }
    return commits.enumerated().map { Entry($0 == 0 ? .bad : .good, $1) }
  }

  /// Returns a text for `git bisect replay`. `subject` gives a commit's subject line, for the comments.
  package func text(subject: (String) -> String? = { _ in nil }) -> String {
    var lines = ["git bisect start"]
    for entry in entries {
      let name = subject(entry.commit).map { " " + String($0.prefix { $0 != "\n" }) } ?? ""
      lines.append("# \(entry.mark.rawValue): [\(entry.commit)]\(name)")
      lines.append("git bisect \(entry.mark.rawValue) \(entry.commit)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The log as evidence for another search: statements that runs can overrule. Skips are unusable kernels.
  package var evidence: [Evidence] {
    entries.map { entry in
      let outcome: ProbeOutcome = entry.mark == .good ? .clean : entry.mark == .bad ? .targetSeen : .unusable
      return Evidence(.commit(entry.commit), outcome, source: .statement, note: "git bisect log")
    }
  }
}

extension Bisection {
  /// The log for git, which has no probabilities: the ends, and of the tested commits those that have the bug, or do
  /// not have it, with at least the requested confidence; commits without an answer are skipped.
  package var gitLog: GitBisectLog {
    var entries = [GitBisectLog.Entry(.bad, graph.commit(graph.bad))]
    entries += graph.goods.map { GitBisectLog.Entry(.good, graph.commit($0)) }
    let probabilities = probabilities
    var told = Set(graph.goods + [graph.bad])
    for item in evidence {
      guard case .commit(let commit) = item.subject, let node = graph.node(of: commit) else { continue }
      guard told.insert(node).inserted else { continue }
      var chance = 0.0
      graph.ancestors.forEach(node) { chance += probabilities[$0] }
      if usability.chance(node) == 0 {
        entries.append(GitBisectLog.Entry(.skip, graph.commit(node)))
      } else if chance >= parameters.confidence {
        entries.append(GitBisectLog.Entry(.bad, graph.commit(node)))
      } else if chance <= 1 - parameters.confidence {
        entries.append(GitBisectLog.Entry(.good, graph.commit(node)))
      }
    }
    return GitBisectLog(entries)
  }
}
