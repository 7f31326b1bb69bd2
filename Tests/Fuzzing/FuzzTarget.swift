/// A reader of hostile bytes, what it is fed with, and what must hold of all that it makes of them.
package protocol FuzzTarget: Sendable {
  static var name: String { get }

  /// - Parameter files: where seeds come from.
  init(_ files: SeedFiles) async throws

  /// The input of a seed: always the same.
  func input(seed: UInt64) -> [UInt8]

  /// Reads the input and tells what does not hold; nil where all does. `dice` are this input's own.
  func problem(with input: [UInt8], _ dice: inout Dice) async throws -> String?
}

/// All targets, by name.
package let fuzzTargets: [any FuzzTarget.Type] = [
  ConsoleFuzz.self, JournalFuzz.self, KTAPFuzz.self, FrameFuzz.self, ImageFuzz.self, PackageFuzz.self,
  KconfigFuzz.self, SuiteFuzz.self, FunctionFuzz.self,
]
