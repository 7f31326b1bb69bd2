/// Compiles parts of one source, in any configuration. Tests have one that compiles nothing.
package protocol TargetCompiler: Sendable {
  /// What reports call the source: `6.12.117`, `6.12.117@1a2b3c4d5e6f`, with `+` for uncommitted changes.
  var label: String { get }
  /// What is in the source: `git:COMMIT`, `git:COMMIT+HASH` with uncommitted changes, `files:HASH`.
  var state: String { get }
  /// Compiles, or finds everything as it was compiled before.
  func compile(_ request: TargetRequest) async throws -> CompiledTargets
  /// The path of what `make` said of the request, which may be missing.
  func log(of request: TargetRequest) -> String
}

extension TargetBuilding: TargetCompiler {}
