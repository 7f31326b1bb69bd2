import KTestValues

/// How upstream runs one program: its path in the folder and its arguments.
package struct SelftestInvocation: Sendable, Equatable, Codable {
  /// The program, without `./`, and its arguments.
  package var words: [String]

  package init(_ words: [String]) { self.words = words }

  package var program: String { words.first ?? "" }

  /// Reads the lines `run_test ./PROGRAM ARGUMENT…` of a script such as `run_vmtests.sh`.
  ///
  /// A line with a variable whose value the script computes is left out: only the script knows how to run it.
  static func read(_ script: String) -> [SelftestInvocation] {
    var values: [Substring: Substring] = [:]
    var found: [SelftestInvocation] = []
    let joined = script.replacing("\\\n", with: " ")
    for line in joined.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count == 1, let (name, value) = assignment(words[0]) { values[name] = value }
      guard let start = words.firstIndex(of: "run_test"), words[..<start].allSatisfy({ $0.contains("=") }) else {
        continue
      }
      var run = words[(start + 1)...].map { word in unquoted(expanded(word, values)) }
      if ["bash", "sh"].contains(run.first) { run.removeFirst() }
      guard let program = run.first, program.hasPrefix("./"), !run.contains(where: { $0.contains("$") }) else {
        continue
      }
      run[0] = String(program.dropFirst(2))
      let invocation = SelftestInvocation(run)
      if !found.contains(invocation) { found.append(invocation) }
    }
    return found
  }

  /// Returns those of the programs that a script names.
  static func programs(_ programs: [String], in script: String) -> [String] {
    let lines = script.split(separator: "\n").filter { !$0.drop(while: \.isWhitespace).hasPrefix("#") }
    let words = lines.flatMap { line in
      line.split { !($0.isASCII && ($0.isLetter || $0.isNumber) || "_.-/".contains($0)) }
    }
    let names = Set(words.flatMap { [$0, Substring(Paths.last(String($0)))] }.map(String.init))
    return programs.filter(names.contains)
  }

  /// Returns the name and value of `name=value` if the value is plain.
  private static func assignment(_ word: Substring) -> (Substring, Substring)? {
    guard let equals = word.firstIndex(of: "="), equals != word.startIndex else { return nil }
    let (name, value) = (word[..<equals], word[word.index(after: equals)...])
    let isPlain = !value.contains { "$`\"'(".contains($0) }
    return isPlain && name.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } ? (name, value) : nil
  }

  private static func expanded(_ word: Substring, _ values: [Substring: Substring]) -> String {
    let bare = word.drop { $0 == "\"" }.prefix { $0 != "\"" }
    for name in [bare.dropFirst(2).dropLast(), bare.dropFirst()] {
      if bare == "${\(name)}" || bare == "$\(name)", let value = values[name] { return String(value) }
    }
    return String(word)
  }

  private static func unquoted(_ word: String) -> String {
    for quote in ["\"", "'"] where word.count > 1 && word.hasPrefix(quote) && word.hasSuffix(quote) {
      return String(word.dropFirst().dropLast())
    }
    return word
  }
}

extension SelftestFolder {
  /// What a tree says of a folder beside its Makefile. Without a tree, or if it has no such folder, that is nothing.
  package init(settingsOf name: String, in tree: String?) {
    self.init(to: "", name: name, tree: tree ?? "")
    if let tree { read("\(tree)/tools/testing/selftests/\(name)") }
  }

  /// Reads upstream's settings of the folder.
  mutating func read(_ folder: String) {
    func lines(_ name: String) -> [String] {
      ((try? Files.text("\(folder)/\(name)")) ?? "").split(whereSeparator: \.isNewline).map(String.init)
    }
    timeout =
      lines("settings").compactMap { line in
        line.hasPrefix("timeout=") ? Int(line.dropFirst(8).filter { !$0.isWhitespace }) : nil
      }.last
    config = lines("config").filter { $0.hasPrefix("CONFIG_") }
    invocations = SelftestInvocation.read(lines("run_vmtests.sh").joined(separator: "\n"))
    let programs = files.filter { $0.kind == .made || $0.kind == .test }.map(\.name)
    for script in files where script.kind == .script || script.kind == .file && script.name.hasSuffix(".sh") {
      let called = SelftestInvocation.programs(programs, in: lines(script.name).joined(separator: "\n"))
      if !called.isEmpty { calls[Paths.last(script.name)] = called }
    }
  }
}

/// Builds the selftests of a folder that a recipe has, and returns what there is.
///
/// Returns nil if no layer of the recipe has the folder. Throws `ImageError`.
package func selftestFolder(
  _ name: String, of file: RecipeFile, kernel: ImageKernel, cache: String,
  progress: @escaping @Sendable (ImageStep) -> Void
) async throws -> SelftestFolder? {
  let build = LayerBuild(
    folder: file.folder, parameters: [:], kernel: kernel, cache: try ImageCache(cache), strip: HostTool("strip"),
    progress: progress)
  for layer in file.recipe.layers {
    guard case .selftests(name, _, _) = layer else { continue }
    return try await build.content(of: layer)?.folder
  }
  return nil
}

extension RecipeFile {
  /// Returns the recipe with a layer for a folder of selftests, unless it has one.
  package func adding(selftests folder: String, for kernel: ImageKernel) -> RecipeFile {
    for case .selftests(folder, _, _) in recipe.layers { return self }
    var file = self
    // The tests of another version would say nothing about a tree that has none.
    let origins: [SelftestOrigin] = kernel.source == nil ? [.tree, .debian("linux-source-6.12")] : [.tree]
    let set = SelftestSet(to: "/usr/lib/selftests/\(folder)")
    file.recipe.layers.append(.selftests(folder: folder, from: origins, .make(set)))
    return file
  }
}
