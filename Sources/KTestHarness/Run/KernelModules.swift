internal import GuestProtocol
import KTestHost
import KTestValues

/// The modules that a kernel has, and those that an image adds.
struct KernelModules {
  let kernel: KernelBuild
  /// The paths of modules that were built for this kernel.
  var added: [String] = []

  func payload(of suite: Suite, cases: [Case]) async throws -> ModulePayload {
    let wanted = suite.modules + cases.flatMap(\.modules)
    return try await payload(for: wanted, and: suite.requires.modules + cases.flatMap(\.requires.modules))
  }

  /// Returns the modules. A kernel without modules gives an empty result: missing modules are the reason of a skip, not
  /// an error.
  func payload(for wanted: [ModuleRequest] = [], and required: [String] = []) async throws -> ModulePayload {
    let names = wanted.filter { !$0.isOptional }.map(\.name) + required
    do {
      return try await modulePayload(
        for: names, optional: wanted.filter(\.isOptional).map(\.name), of: kernel, added: added)
    } catch KernelError.noModules { return ModulePayload(files: [], builtIn: [], missing: names) }
  }

  /// Returns the files to load for the requested modules, dependencies first; parameters go to the requested module.
  func loads(_ wanted: [ModuleRequest]) async throws -> [ModuleLoad] {
    let payload = try await payload(for: wanted)
    return payload.files.map { file in
      let request = wanted.first { ModuleIndex.normal($0.name) == file.name }
      return ModuleLoad(
        name: file.name, path: file.pathInGuest, parameters: request?.arguments.joined(separator: " ") ?? "",
        isOptional: file.isSoft)
    }
  }
}

extension ModuleFile {
  var pathInGuest: String { "/lib/modules/ktest/\(name).ko" }
}
