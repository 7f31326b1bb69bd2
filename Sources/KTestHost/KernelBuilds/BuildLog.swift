/// A compiler message with its position.
package struct CompilerMessage: Sendable, Equatable, Codable, CustomStringConvertible {
  package enum Severity: String, Sendable, Codable { case error, warning }

  /// The path, from the top of the tree for files of the tree.
  package var file: String
  package var line: Int
  package var column: Int?
  package var severity: Severity
  package var text: String

  package var description: String {
    "\(file):\(line):\(column.map { "\($0):" } ?? "") \(severity.rawValue): \(text)"
  }
}

/// Parses the output of a kernel's `make` as it comes. Memory is bounded, whatever the output.
struct BuildLog: Sendable {
  /// The prefixes of the tree, with a slash at the end, which are cut from file names.
  private let prefixes: [String]
  private var partial: [UInt8] = []
  private(set) var filesCompiled = 0
  /// The object that was named last.
  private(set) var current = ""
  private(set) var errors: [CompilerMessage] = []
  private(set) var warnings: [CompilerMessage] = []
  /// Lines about a failure without a position: from the linker, modpost, make itself, or a shell.
  private(set) var complaints: [String] = []
  private(set) var last: [String] = []

  init(tree: String) { prefixes = [tree + "/"] }

  mutating func add(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      if byte == 10 {
        add(line: String(decoding: partial, as: UTF8.self))
        partial.removeAll(keepingCapacity: true)
      } else if partial.count < 4096 {
        partial.append(byte)
      }
    }
  }

  private mutating func add(line: String) {
    guard !line.isEmpty else { return }
    if line.hasPrefix("  "), let step = BuildLog.step(line) {
      current = step.target
      if step.compiles { filesCompiled += 1 }
      return
    }
    if let message = message(line) {
      if message.severity == .error, errors.count < 20 { errors.append(message) }
      if message.severity == .warning, warnings.count < 1000 { warnings.append(message) }
    } else if BuildLog.words.contains(where: line.contains), complaints.count < 40 {
      complaints.append(line)
    }
    if last.count == 12 { last.removeFirst() }
    last.append(line)
  }

  private static let words = [
    "undefined reference", "undefined!", "ERROR:", "***", "not found", "No space left", "quota exceeded", "Killed",
    "internal compiler error", "memory exhausted", "Cannot allocate", "please install", "error:", "Error:",
    "multiple definition",
  ]

  /// Parses `  CC [M]  mm/gup.o`.
  private static func step(_ line: String) -> (target: String, compiles: Bool)? {
    let words = line.split(separator: " ")
    guard words.count > 1, let first = words.first, first.utf8.allSatisfy({ $0 >= 65 && $0 <= 90 || $0 == 43 }) else {
      return nil
    }
    return (String(words[words.count - 1]), ["CC", "AS", "RUSTC"].contains(first))
  }

  /// Parses `file:line[:column]: error|warning|fatal error: text`.
  private func message(_ line: String) -> CompilerMessage? {
    let parts = line.split(separator: ":", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard parts.count >= 4, let number = Int(parts[1]), !parts[0].contains(" ") else { return nil }
    let column = Int(parts[2])
    let rest = (column == nil ? parts[2...] : parts[3...]).joined(separator: ":").drop { $0 == " " }
    for (word, severity) in [
      ("fatal error:", CompilerMessage.Severity.error), ("error:", .error), ("Error:", .error), ("warning:", .warning),
      ("Warning:", .warning),
    ] where rest.hasPrefix(word) {
      let file = prefixes.first(where: parts[0].hasPrefix).map { String(parts[0].dropFirst($0.count)) } ?? parts[0]
      return CompilerMessage(
        file: file, line: number, column: column, severity: severity,
        text: String(rest.dropFirst(word.count).drop { $0 == " " }))
    }
    return nil
  }

  /// Returns the error that a failed build means.
  ///
  /// `source` is the name of the tree for messages.
  func failure(source: String, log: String, directory: String) -> KernelBuildError {
    let all = complaints + last + errors.map(\.text)
    if all.contains(where: { $0.contains("No space left on device") || $0.contains("quota exceeded") }) {
      return .diskFull(path: directory)
    }
    for line in all {
      if let missing = BuildLog.missingTool(line) { return missing }
      if let missing = BuildLog.missingHeader(line) { return missing }
    }
    let memory = [
      "Killed signal terminated program", "virtual memory exhausted", "Cannot allocate memory", "signal 9 [Killed]",
      "Error 137",
    ]
    if all.contains(where: { line in memory.contains(where: line.contains) }) { return .outOfMemory(log: log) }
    let ended = ["signal terminated program", "terminated with signal", "Error 143"]
    if let end = all.first(where: { line in ended.contains(where: line.contains) }) {
      return .hostFailed(reason: "a compiler was ended: \(end)", log: log)
    }
    if let crash = all.first(where: { $0.contains("internal compiler error") }) {
      return .hostFailed(reason: "the compiler crashed: \(crash)", log: log)
    }
    let lines = complaints.filter { !$0.hasPrefix("make") }
    return .doesNotCompile(
      source: source, messages: errors, lines: lines.isEmpty ? last : Array(lines.prefix(12)), log: log)
  }

  /// Parses `/bin/sh: 1: flex: not found`.
  private static func missingTool(_ line: String) -> KernelBuildError? {
    for (tool, package) in BuildTools.packages
    where line.contains(": \(tool): not found") || line.contains(": \(tool): command not found")
      || line.contains(": \(tool): No such file or directory")
    {
      return .toolMissing(tool: tool, package: package)
    }
    return nil
  }

  private static func missingHeader(_ line: String) -> KernelBuildError? {
    let headers = [
      ("openssl/", "libssl-dev"), ("gelf.h", "libelf-dev"), ("libelf.h", "libelf-dev"),
      ("please install libelf-dev", "libelf-dev"), ("dwarf.h", "libdw-dev"),
    ]
    guard line.contains("No such file") || line.contains("please install") else { return nil }
    return headers.first { line.contains($0.0) }.map {
      .headerMissing(header: $0.1 == "libelf-dev" ? "libelf" : $0.0 == "openssl/" ? "openssl" : $0.0, package: $0.1)
    }
  }
}
