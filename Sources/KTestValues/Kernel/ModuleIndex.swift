/// The modules of a kernel, and the order in which they must be loaded.
///
/// Module names treat `-` and `_` as equal, as modprobe does.
package struct ModuleIndex: Sendable, Equatable {
  /// The result of resolving module names.
  package struct Resolution: Sendable, Equatable {
    /// The paths to load, relative to the module directory, dependencies first.
    package var load: [String] = []
    /// The requested names that are built into the kernel image.
    package var builtIn: [String] = []
    /// The names that the kernel does not have. A missing dependency is followed by the module that needs it, in
    /// brackets.
    package var missing: [String] = []
    /// The names in a dependency cycle, which no kernel build produces.
    package var circular: [String] = []
    /// The paths in `load` of which only a soft dependency was the reason: it is no failure if the kernel refuses one.
    package var soft: Set<String> = []
  }

  private var files: [String: String] = [:]
  private var dependencies: [String: [String]] = [:]
  private var builtIn: Set<String> = []
  /// The names or aliases that each module should find loaded.
  private var softDependencies: [String: [String]] = [:]
  /// The aliases of the modules that have been read.
  private var aliases: [String: Set<String>] = [:]

  package init() {}

  /// Parses `modules.dep` as depmod writes it: `kernel/a.ko.xz: kernel/b.ko.xz kernel/c.ko.xz`.
  ///
  /// It does not rely on the order within a line.
  ///
  /// `softdep` and `alias` are the contents of the files of these names: `softdep ext4 pre: crc32c`, and
  /// `alias crc32c crc32c_generic`.
  package init(dep: String, builtin: String, softdep: String = "", alias: String = "") {
    for line in dep.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let name = ModuleIndex.name(ofFile: parts[0])
      files[name] = String(parts[0])
      dependencies[name] = parts[1].split(whereSeparator: \.isWhitespace).map(ModuleIndex.name(ofFile:))
    }
    readBuiltIn(builtin)
    for line in softdep.split(whereSeparator: \.isNewline) {
      let words = line.split(maxSplits: 2, whereSeparator: \.isWhitespace)
      guard words.count == 3, words[0] == "softdep" else { continue }
      softDependencies[ModuleIndex.normal(String(words[1])), default: []] += ModuleInfo.before(words[2])
    }
    for line in alias.split(whereSeparator: \.isNewline) {
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count == 3, words[0] == "alias", !words[1].contains("*") else { continue }
      aliases[ModuleIndex.normal(String(words[2])), default: []].insert(ModuleIndex.normal(String(words[1])))
    }
  }

  /// From a list of files, such as ``files(inOrder:)`` gives; what they depend on is told afterwards by
  /// `setDependencies`.
  package init(files list: some Sequence<String>, builtin: String) {
    for file in list { files[ModuleIndex.name(ofFile: file[...])] = file }
    readBuiltIn(builtin)
  }

  /// The files that `modules.order` names, in its order and relative to it. A line ending in `.o` (trees since 6.3) means
  /// the `.ko` beside it.
  package static func files(inOrder text: String) -> [String] {
    text.split(whereSeparator: \.isNewline).map { $0.hasSuffix(".o") ? "\($0.dropLast())ko" : String($0) }
  }

  /// Adds an out-of-tree module, which replaces a module of the same name.
  package mutating func add(file: String) {
    let name = ModuleIndex.name(ofFile: file)
    files[name] = file
    dependencies[name] = nil
    builtIn.remove(name)
  }

  package var isEmpty: Bool { files.isEmpty }

  package func file(of name: String) -> String? { files[ModuleIndex.normal(name)] }

  package func isBuiltIn(_ name: String) -> Bool { builtIn.contains(ModuleIndex.normal(name)) }

  /// Returns the modules among `names` and their dependencies whose own dependencies are not known yet. Call it and
  /// `setDependencies` in turn until it is empty; then `resolve` has all it needs.
  package func unread(for names: [String]) -> [String] {
    var unread: Set<String> = []
    var seen: Set<String> = []
    var open = names.map(ModuleIndex.normal)
    while let name = open.popLast() {
      guard seen.insert(name).inserted, files[name] != nil else { continue }
      guard let more = dependencies[name] else {
        unread.insert(name)
        continue
      }
      open += more
      for wanted in softDependencies[name] ?? [] {
        let candidates = candidates(for: wanted)
        unread.formUnion(candidates.filter { dependencies[$0] == nil })
        open += candidates.filter { provides($0, wanted) }
      }
    }
    return unread.sorted()
  }

  /// Sets what a module says of itself.
  package mutating func setDependencies(
    of name: String, to names: [String], soft: [String] = [], aliases others: [String] = []
  ) {
    let name = ModuleIndex.normal(name)
    dependencies[name] = names.map(ModuleIndex.normal)
    softDependencies[name] = soft
    aliases[name] = Set(others.map(ModuleIndex.normal))
  }

  /// Returns whether the module, or code that is built in, is there, with all that it depends on.
  package func isComplete(_ name: String) -> Bool {
    var seen: Set<String> = []
    var open = [ModuleIndex.normal(name)]
    while let name = open.popLast() {
      guard seen.insert(name).inserted else { continue }
      if files[name] != nil { open += dependencies[name] ?? [] } else if !builtIn.contains(name) { return false }
    }
    return true
  }

  /// Returns the modules that may be what a soft dependency names: the one of this name, or else those that may have it as
  /// an alias. Modules are named after what they implement, such as `crc32c-intel` and `crc32c_generic` for `crc32c`, and
  /// `crypto-crc32c`; so not all modules have to be read.
  private func candidates(for wanted: String) -> [String] {
    let name = ModuleIndex.normal(wanted)
    if files[name] != nil { return [name] }
    if builtIn.contains(name) { return [] }
    let stem = name.hasPrefix("crypto_") ? String(name.dropFirst(7)) : name
    return files.keys.filter { $0 == stem || $0.hasPrefix(stem + "_") || aliases[$0]?.contains(name) == true }.sorted()
  }

  private func provides(_ module: String, _ wanted: String) -> Bool {
    let name = ModuleIndex.normal(wanted)
    return module == name || aliases[module]?.contains(name) == true
  }

  /// Returns `names` and all their dependencies in load order, without duplicates. Soft dependencies that the kernel does
  /// not have are left out.
  package func resolve(_ names: [String]) -> Resolution {
    var resolution = Resolution()
    var state: [String: State] = [:]
    // An explicit stack, because a malicious file could nest deeper than the thread's stack allows.
    var stack: [Frame] = []

    func enter(_ name: String, isSoft: Bool = false, neededBy: String? = nil) {
      if let known = state[name] {
        // A circle with a soft dependency in it is no error.
        guard known == .open, !isSoft, let start = stack.firstIndex(where: { $0.name == name }),
          !stack[(start + 1)...].contains(where: \.isSoft)
        else { return }
        if !resolution.circular.contains(name) { resolution.circular.append(name) }
      } else if files[name] != nil {
        state[name] = .open
        stack.append(Frame(name: name, isSoft: isSoft, open: edges(of: name)[...]))
      } else {
        state[name] = .done
        if !builtIn.contains(name) { resolution.missing.append(neededBy.map { "\(name) (needed by \($0))" } ?? name) }
      }
    }

    // Requested names come first: a missing one is reported under its own name even if another module needs it.
    var asked: Set<String> = []
    let names = names.map(ModuleIndex.normal).filter { asked.insert($0).inserted }
    for name in names where files[name] == nil {
      enter(name)
      if builtIn.contains(name) { resolution.builtIn.append(name) }
    }
    for name in names where files[name] != nil && state[name] == nil {
      enter(name)
      while let top = stack.last {
        if let next = stack[stack.count - 1].open.popFirst() {
          enter(next.name, isSoft: next.isSoft, neededBy: top.name)
        } else {
          stack.removeLast()
          state[top.name] = .done
          if let file = files[top.name] { resolution.load.append(file) }
        }
      }
    }
    let needed = needed(by: names)
    resolution.soft = Set(resolution.load).subtracting(needed.compactMap { files[$0] })
    return resolution
  }

  private struct Frame {
    var name: String
    var isSoft: Bool
    var open: ArraySlice<Edge>
  }

  private struct Edge {
    var name: String
    var isSoft: Bool
  }

  /// Returns what a module wants loaded before it: soft dependencies first, because its code may look for them.
  private func edges(of name: String) -> [Edge] {
    let soft = (softDependencies[name] ?? []).flatMap { wanted in
      candidates(for: wanted).filter { provides($0, wanted) && isComplete($0) }
    }
    let hard = dependencies[name] ?? []
    return soft.map { Edge(name: $0, isSoft: true) } + hard.map { Edge(name: $0, isSoft: false) }
  }

  /// Returns these modules and all that they depend on, without soft dependencies.
  private func needed(by names: [String]) -> Set<String> {
    var needed: Set<String> = []
    var open = names
    while let name = open.popLast() {
      if needed.insert(name).inserted { open += dependencies[name] ?? [] }
    }
    return needed
  }

  private enum State { case open, done }

  /// Returns the module name of a file: `kernel/drivers/dax/dax-pmem.ko.xz` is `dax_pmem`.
  package static func name(ofFile path: some StringProtocol) -> String {
    let base = path.utf8.reversed().prefix { $0 != UInt8(ascii: "/") }.reversed()
    return normal(String(decoding: base.prefix { $0 != UInt8(ascii: ".") }, as: UTF8.self))
  }

  package static func normal(_ name: String) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
  }

  private mutating func readBuiltIn(_ text: String) {
    for line in text.split(whereSeparator: \.isNewline) { builtIn.insert(ModuleIndex.name(ofFile: line)) }
  }
}
