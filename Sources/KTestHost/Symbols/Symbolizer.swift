package import KTestValues

/// Looks up the frames of splats in a kernel's files.
package struct Symbolizer: Sendable {
  private let kernel: String
  private let modules: [String: String]
  private let tree: SourceTree?

  /// Creates a symbolizer. `kernel` is a vmlinux, `modules` are `.ko` files, and `source` is the tree that it was built
  /// from. Throws ``SymbolError`` if one of them is something else.
  package init(kernel: String, modules: [String] = [], source: String? = nil) throws {
    self.kernel = kernel
    self.modules = Dictionary(modules.map { (Self.moduleName($0), $0) }) { first, _ in first }
    tree = try source.map { try SourceTree($0) }
    for path in [kernel] + modules { _ = try Self.table(path, []) }
  }

  /// Returns the splats with the positions of their frames, in the same order. Each file is read by one process,
  /// however many frames there are. Frames that are not found, or are ambiguous, have no position. Throws
  /// ``SymbolError``.
  package func symbolised(_ splats: [Splat]) async throws -> [SymbolisedSplat] {
    var wanted: [String: Set<FrameReference>] = [:]
    for reference in splats.flatMap(\.lines).flatMap({ FrameReference.read($0) }).map(\.reference) {
      guard let path = reference.module.map({ modules[Self.plain($0)] }) ?? kernel else { continue }
      wanted[path, default: []].insert(reference)
    }
    var places: [FrameReference: [SourcePlace]] = [:]
    var paths = SourcePaths(startKernel: nil)
    // The kernel comes first because it shows where the tree was.
    for path in [kernel] + wanted.keys.filter({ $0 != kernel }).sorted() where !wanted.isEmpty {
      let found = try await self.places(of: wanted[path] ?? [], in: path)
      if path == kernel { paths = SourcePaths(startKernel: found.start) }
      places.merge(found.places) { first, _ in first }
    }
    for (reference, all) in places {
      places[reference] = all.map { place in
        var place = place
        place.file = place.file.map { tree?.relative(paths.relative($0)) ?? paths.relative($0) }
        return place
      }
    }
    var results: [SymbolisedSplat] = []
    for splat in splats {
      var result = SymbolisedSplat(splat, places)
      if let tree, let file = result.splat.file { result.maintainers = try await tree.maintainers(of: file) }
      results.append(result)
    }
    return results
  }

  private func places(
    of references: Set<FrameReference>, in path: String
  ) async throws -> (places: [FrameReference: [SourcePlace]], start: String?) {
    let start = "start_kernel"
    let table = try Self.table(path, Set(references.map(\.function)).union([start]))
    var known: [FrameReference: SymbolTable.Place] = [:]
    for reference in references { known[reference] = table.place(of: reference) }
    guard table.hasDebugInfo else {
      // The symbol table has only the function.
      return (
        known.keys.reduce(into: [:]) {
          $0[$1] = [SourcePlace(function: $1.function, file: nil, line: nil, isInlined: false)]
        }, nil
      )
    }
    let main = table.start(of: start)
    var answers: [SymbolTable.Place: [SourcePlace]] = [:]
    let all = Set(known.values).union(main.map { [$0] } ?? [])
    for (section, group) in Dictionary(grouping: all, by: \.section) {
      let output = try await SymboliserTool.lines(path, section: section, Set(group.map(\.address)).sorted())
      for place in group { answers[place] = output.places[place.address] }
    }
    return (known.compactMapValues { answers[$0] }, main.flatMap { answers[$0]?.last?.file })
  }

  private static func table(_ path: String, _ functions: Set<String>) throws(SymbolError) -> SymbolTable {
    let file = try MappedFile(path)
    defer { withExtendedLifetime(file) {} }
    do {
      return try SymbolTable(ByteView(file.bytes), functions: functions)
    } catch {
      throw .notSymbols(path: path, reason: "it is \(error)")
    }
  }

  private static func moduleName(_ path: String) -> String {
    let file = path.split(separator: "/").last ?? ""
    return plain(String(file.prefix { $0 != "." }))
  }

  /// Returns a module's name with underscores, where its file may have dashes.
  private static func plain(_ name: String) -> String { String(name.map { $0 == "-" ? "_" : $0 }) }
}

/// The installed program of `llvm-symbolizer` and `addr2line`.
enum SymboliserTool {
  /// Returns the output for these addresses from one process. Modules have many sections that begin at 0, which only
  /// addr2line can distinguish. Throws ``SymbolError``.
  static func lines(_ path: String, section: String?, _ addresses: [UInt64]) async throws -> SymboliserOutput {
    let input = addresses.map { "0x" + String($0, radix: 16) + "\n" }.joined()
    let llvm = ("llvm-symbolizer", ["--output-style=GNU", "--addresses", "--functions=linkage", "--inlines", "--obj"])
    let gnu = ("addr2line", ["-a", "-f", "-i"] + (section.map { ["-j", $0] } ?? []) + ["-e"])
    for (tool, arguments) in section == nil ? [llvm, gnu] : [gnu] {
      // This is one argument for llvm-symbolizer, two for addr2line.
      let object = tool == "addr2line" ? [path] : []
      let options = object.isEmpty ? arguments.dropLast() + ["--obj=\(path)"] : arguments + object
      do {
        let program = HostProgram(
          tool, Array(options), environment: HostProgram.plainMessages, input: .bytes(Array(input.utf8)))
        let result = try await program.collect(limit: 256 << 20)
        guard result.succeeded else {
          throw SymbolError.toolFailed(tool: tool, path: path, complaint: result.complaint)
        }
        return SymboliserOutput(result.text)
      } catch HostProgramFailure.missing {
        continue
      } catch HostProgramFailure.notRun(_, let reason) {
        throw SymbolError.toolFailed(tool: tool, path: path, complaint: reason)
      }
    }
    throw SymbolError.noTool
  }
}
