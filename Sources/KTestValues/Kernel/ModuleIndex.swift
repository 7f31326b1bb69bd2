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
  }

  private var files: [String: String] = [:]
  private var dependencies: [String: [String]] = [:]
  private var builtIn: Set<String> = []

  package init() {}

  /// Parses `modules.dep` as depmod writes it: `kernel/a.ko.xz: kernel/b.ko.xz kernel/c.ko.xz`.
  ///
  /// It does not rely on the order within a line.
  package init(dep: String, builtin: String) {
    for line in dep.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let name = ModuleIndex.name(ofFile: parts[0])
      files[name] = String(parts[0])
      dependencies[name] = parts[1].split(whereSeparator: \.isWhitespace).map(ModuleIndex.name(ofFile:))
    }
    readBuiltIn(builtin)
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
    var unread: [String] = []
    var seen: Set<String> = []
    var open = names.map(ModuleIndex.normal)
    while let name = open.popLast() {
      guard seen.insert(name).inserted, files[name] != nil else { continue }
      if let more = dependencies[name] { open += more } else { unread.append(name) }
    }
    return unread.sorted()
  }

  package mutating func setDependencies(of name: String, to names: [String]) {
    dependencies[ModuleIndex.normal(name)] = names.map(ModuleIndex.normal)
  }

  /// Returns `names` and all their dependencies in load order, without duplicates.
  package func resolve(_ names: [String]) -> Resolution {
    var resolution = Resolution()
    var state: [String: State] = [:]
    // An explicit stack, because a malicious file could nest deeper than the thread's stack allows.
    var stack: [(name: String, open: ArraySlice<String>)] = []

    func enter(_ name: String, neededBy: String? = nil) {
      if let state = state[name] {
        if state == .open, !resolution.circular.contains(name) { resolution.circular.append(name) }
      } else if files[name] != nil {
        state[name] = .open
        stack.append((name, (dependencies[name] ?? [])[...]))
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
          enter(next, neededBy: top.name)
        } else {
          stack.removeLast()
          state[top.name] = .done
          if let file = files[top.name] { resolution.load.append(file) }
        }
      }
    }
    return resolution
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
