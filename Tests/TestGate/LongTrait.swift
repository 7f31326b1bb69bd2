import Foundation
package import Testing

extension Trait where Self == ConditionTrait {
  /// The test takes long and is not needed before each commit: `scripts/check --long` runs it, by `KTEST_LONG=1`.
  package static var long: Self {
    .enabled(if: ProcessInfo.processInfo.environment["KTEST_LONG"] == "1", "left to scripts/check --long")
  }
}
