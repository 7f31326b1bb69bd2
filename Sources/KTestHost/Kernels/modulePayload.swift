import FoundationEssentials
package import KTestValues

/// A module of a kernel as a file on this machine.
package struct ModuleFile: Sendable, Equatable {
  package enum Compression: String, Sendable, CaseIterable { case xz, zst, gz }

  /// The name with underscores.
  package var name: String
  package var path: String
  /// The compression; nil for a plain `.ko`.
  package var compression: Compression?
  /// Whether only a soft dependency asks for it, so that the kernel may refuse it.
  package var isSoft = false

  package init(name: String, path: String) {
    self.name = name
    self.path = path
    compression = Compression.allCases.first { path.hasSuffix(".\($0.rawValue)") }
  }
}

/// The files that provide some modules in a guest.
package struct ModulePayload: Sendable, Equatable {
  /// The files in loading order, dependencies first.
  package var files: [ModuleFile]
  /// The requested names that are in the kernel image and need no file.
  package var builtIn: [String]
  /// The names that this kernel does not have, for the reason of a skip.
  package var missing: [String]

  package init(files: [ModuleFile], builtIn: [String], missing: [String]) {
    self.files = files
    self.builtIn = builtIn
    self.missing = missing
  }
}

/// Finds the files of modules and of all their dependencies, soft ones included. It does not need depmod: packages come
/// without `modules.dep`, so it reads the modules themselves. Of `optional` modules it takes those that the kernel has.
///
/// `added` are absolute paths of modules that were built for this kernel and are not in its tree.
///
/// Throws `KernelError`: `noModules` if the kernel has none, `badModule`, `foreignModule` for a module of another
/// release (if the tree was rebuilt without its modules), `toolMissing`.
@concurrent
package func modulePayload(
  for names: [String], optional: [String] = [], of build: KernelBuild, added: [String] = []
) async throws -> ModulePayload {
  let nothing = ModulePayload(files: [], builtIn: [], missing: [])
  guard !names.isEmpty || !optional.isEmpty else { return nothing }
  guard let directory = build.modulesPath else {
    if names.isEmpty { return nothing }
    throw KernelError.noModules(label: build.label, wanted: names)
  }
  var index = try moduleIndex(of: directory, layout: build.moduleLayout)
  for file in added { index.add(file: file) }
  while true {
    let unread = index.unread(for: names + optional)
    if unread.isEmpty { break }
    for name in unread {
      let file = try moduleFile(index.file(of: name) ?? name, in: directory)
      let info = try ModuleInfo(module: await readModule(file), path: file.path)
      if let release = info.release, release != build.release {
        throw KernelError.foreignModule(path: file.path, built: release, release: build.release)
      }
      index.setDependencies(of: name, to: info.depends, soft: info.softDepends, aliases: info.aliases)
    }
  }
  let resolution = index.resolve(names + optional.filter(index.isComplete))
  if let name = resolution.circular.first, let file = index.file(of: name) {
    throw KernelError.badModule(path: "\(directory)/\(file)", reason: "it depends on itself")
  }
  return ModulePayload(
    files: try resolution.load.map { path throws(KernelError) in
      var file = try moduleFile(path, in: directory)
      file.isSoft = resolution.soft.contains(path)
      return file
    }, builtIn: resolution.builtIn,
    missing: resolution.missing)
}

/// Returns a module as the kernel loads it: a plain ELF file.
///
/// Throws `KernelError`: `badModule`, `toolMissing`, `notFound`, `unreadable`.
@concurrent
package func readModule(_ file: ModuleFile) async throws -> [UInt8] {
  guard let compression = file.compression else { return try KernelFiles.read(file.path, limit: 1 << 30) }
  let result = try await compression.tool.run(
    ["-q", "-d", "-c", file.path], purpose: "read the module \(file.path)", limit: 1 << 28)
  guard result.succeeded else {
    throw KernelError.badModule(path: file.path, reason: result.reason)
  }
  return result.output
}

private func moduleIndex(of directory: String, layout: KernelBuild.ModuleLayout) throws -> ModuleIndex {
  func text(_ name: String) -> String {
    (try? KernelFiles.read("\(directory)/\(name)", limit: 64 << 20)).map { String(decoding: $0, as: UTF8.self) } ?? ""
  }
  let builtin = text("modules.builtin")
  let dep = layout == .installed ? text("modules.dep") : ""
  if !dep.isEmpty {
    return ModuleIndex(dep: dep, builtin: builtin, softdep: text("modules.softdep"), alias: text("modules.alias"))
  }
  let order = text("modules.order")
  if layout == .buildTree { return ModuleIndex(files: ModuleIndex.files(inOrder: order), builtin: builtin) }
  if !order.isEmpty {
    // The list is of the whole kernel, and its modules may be in several packages, of which not all were given.
    let files = ModuleIndex.files(inOrder: order).filter { existing("\(directory)/\($0)") != nil }
    return ModuleIndex(files: files, builtin: builtin)
  }
  let found = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
  return ModuleIndex(files: found.filter { $0.contains(".ko") }, builtin: builtin)
}

private func moduleFile(_ relative: String, in directory: String) throws(KernelError) -> ModuleFile {
  let path = relative.hasPrefix("/") ? relative : "\(directory)/\(relative)"
  if let file = existing(path) { return ModuleFile(name: ModuleIndex.name(ofFile: relative), path: file) }
  throw .badModule(path: path, reason: "it is listed but does not exist; run make modules, or fetch it again")
}

/// Returns the file. `modules.order` names plain files even if the installed ones are compressed.
private func existing(_ path: String) -> String? {
  [path, "\(path).xz", "\(path).zst", "\(path).gz"].first { HostFiles.size(of: $0) != nil }
}

extension ModuleFile.Compression {
  fileprivate var tool: Tool {
    switch self {
    case .xz: Tool(name: "xz", package: "xz-utils")
    case .zst: Tool(name: "zstd", package: "zstd")
    case .gz: Tool(name: "gzip", package: "gzip")
    }
  }
}
