import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

/// The command line as the built `ktest` describes it (ArgumentParser's `--experimental-dump-help`).
private struct CommandTree: Decodable {
  struct Name: Decodable {
    var kind: String
    var name: String

    var written: String { kind == "short" ? "-\(name)" : "--\(name)" }
  }

  struct Argument: Decodable {
    var kind: String
    var isOptional: Bool
    var isRepeating: Bool
    var names: [Name]?
    var allValues: [String]?
    var parsingStrategy: String?
  }

  struct Command: Decodable {
    var commandName: String
    var defaultSubcommand: String?
    var arguments: [Argument]?
    var subcommands: [Command]?
  }

  var command: Command

  /// What is wrong with the words after `ktest`, nil when they can be parsed.
  func problem(with words: [String]) -> String? {
    var words = words[...]
    var current = command
    var path = "ktest"
    while let name = words.first, let next = current.subcommands?.first(where: { $0.commandName == name }) {
      current = next
      path += " \(name)"
      words = words.dropFirst()
    }
    if let name = current.defaultSubcommand, let next = current.subcommands?.first(where: { $0.commandName == name }) {
      current = next
    }
    guard current.subcommands?.isEmpty ?? true || path == "ktest" && words.first == "--version" else {
      return "\(path) has no command \(words.first ?? "")"
    }
    var positional = 0
    while let word = words.popFirst() {
      guard word.hasPrefix("-"), word != "-" else {
        positional += 1
        continue
      }
      guard let argument = current.arguments?.first(where: { $0.names?.contains { $0.written == word } == true }) else {
        return "\(path) has no option \(word)"
      }
      guard argument.kind == "option" else { continue }
      guard let value = words.popFirst() else { return "\(word) has no value" }
      if argument.parsingStrategy == "upToNextOption" { words = words.drop { !$0.hasPrefix("-") } }
      if let allowed = argument.allValues, !allowed.contains(value) { return "\(word) cannot be \(value)" }
    }
    let places = current.arguments?.filter { $0.kind == "positional" } ?? []
    if positional < places.count(where: { !$0.isOptional }) { return "\(path) lacks an argument" }
    if positional > places.count, !places.contains(where: \.isRepeating) { return "\(path) has too many arguments" }
    return nil
  }

  /// Asks the `ktest` that lies beside the test bundle; a build with tests builds it too.
  static func load() async throws -> CommandTree {
    let scratch = try Scratch()
    let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let ktest = URL(filePath: executable).deletingLastPathComponent().appending(path: "ktest").path
    let tool = try #require(HostTool(path: ktest), "there is no \(ktest)")
    let outcome = try await tool.run(["--experimental-dump-help"], cache: try ImageCache(scratch.path))
    #expect(outcome.succeeded)
    return try JSONDecoder().decode(CommandTree.self, from: Data(outcome.output.utf8))
  }
}

@Suite(.gated()) struct CommandLineTests {
  /// Lines `$ ktest …` of the `console` blocks.
  private func lines() -> [(place: String, words: [String])] {
    Document.all.flatMap { document in
      document.blocks.filter { $0.language == "console" }.flatMap { block in
        block.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
          guard line.hasPrefix("$ ") else { return nil }
          let words = Self.words(of: line.dropFirst(2))
          return ("\(document.path):\(block.line + index + 1): \(line)", words)
        }
      }
    }
  }

  /// As a shell takes a line apart, as far as the pages go.
  private static func words(of line: Substring) -> [String] {
    var words: [String] = []
    for (index, part) in line.split(separator: "'", omittingEmptySubsequences: false).enumerated() {
      if index % 2 == 1 { words.append(String(part)) } else { words += part.split(separator: " ").map(String.init) }
    }
    return words
  }

  @Test func everyCommandOfTheDocumentationCanBeParsed() async throws {
    let tree = try await CommandTree.load()
    let lines = lines()
    #expect(lines.count >= 10)
    for (place, words) in lines {
      #expect(words.first == "ktest", "\(place)")
      let problem = tree.problem(with: Array(words.dropFirst()))
      #expect(problem == nil, "\(place)")
    }
  }

  /// GitHub's and GitLab's files are YAML, which is read here; Jenkins has a language of its own.
  @Test(arguments: ["github.yml", "gitlab.yml", "Jenkinsfile"])
  func everyFileForACISystemCanBeLoaded(_ name: String) async throws {
    let bytes = try #require(FileManager.default.contents(atPath: "\(Document.root)/examples/ci/\(name)"))
    if name.hasSuffix(".yml") {
      let diagnostics = Diagnostics(file: name)
      #expect(YAMLReader.read(bytes: Array(bytes), diagnostics: diagnostics) != nil)
      #expect(diagnostics.all == [])
    }
    let tree = try await CommandTree.load()
    let commands = String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap { line in
      line.firstMatch(of: /^ *(?:- |sh ')?ktest ([a-z].*?)'?$/)?.output.1
    }
    #expect(!commands.isEmpty)
    for words in commands {
      let problem = tree.problem(with: Self.words(of: words))
      #expect(problem == nil, "\(words)")
    }
  }

  @Test func whatCannotBeParsedIsFound() async throws {
    let tree = try await CommandTree.load()
    #expect(tree.problem(with: ["run", "x", "--kernel", "."]) == nil)
    #expect(tree.problem(with: ["run", "x", "--kernal", "."]) == "ktest run has no option --kernal")
    #expect(tree.problem(with: ["run", "x", "--accel", "xen"]) == "--accel cannot be xen")
    #expect(tree.problem(with: ["run", "x", "-k"]) == "-k has no value")
    #expect(tree.problem(with: ["kernel", "lst"]) == "ktest kernel has no command lst")
    #expect(tree.problem(with: ["kernel", "fetch"]) == "ktest kernel fetch lacks an argument")
    #expect(tree.problem(with: ["console", "a", "b"]) == "ktest console has too many arguments")
  }
}
