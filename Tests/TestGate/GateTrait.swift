package import Testing

/// A test that starts guests, compilers or other programs. It waits at the one gate of the process; its clock starts when it
/// is through.
///
/// Swift Testing's own time limit counts from the start of the test, and all tests start at once: on a busy machine it measures
/// the queue.
package struct GateTrait: TestTrait, SuiteTrait, TestScoping {
  let minutes: Int
  let alone: Bool

  /// Two guests of one processor each keep a machine of two processors busy.
  private static let gate = TestGate(places: 2)

  /// A test may have this trait twice, of its own and of its suite: it goes through the gate once.
  @TaskLocal static var isInside = false

  package var isRecursive: Bool { true }

  package func scopeProvider(for test: Test, testCase: Test.Case?) -> Self? { testCase == nil ? nil : self }

  @concurrent
  package func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @concurrent @Sendable () async throws -> Void
  ) async throws {
    guard !Self.isInside else { return try await body() }
    // A suite's traits come before those of the test itself.
    let nearest = test.traits.compactMap { $0 as? GateTrait }.last ?? self
    try await withoutActuallyEscaping(body) { body in
      try await Self.gate.pass(
        alone: nearest.alone,
        limit: {
          try await Task.sleep(for: .seconds(60 * nearest.minutes))
          Issue.record(
            "not finished \(nearest.minutes) minutes after it went through the gate",
            sourceLocation: test.sourceLocation)
        }
      ) {
        let start = ContinuousClock.now
        defer { TestTimes.add(test, ContinuousClock.now - start) }
        try await Self.$isInside.withValue(true) { try await body() }
      }
    }
  }
}

extension TestGate {
  /// Waits for its turn, then calls `body` and `limit`. Who returns or throws first ends the other one.
  func pass(
    alone: Bool, limit: @escaping @concurrent @Sendable () async throws -> Void,
    _ body: @escaping @concurrent @Sendable () async throws -> Void
  ) async throws {
    try await pass(alone: alone) {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask(operation: body)
        group.addTask(operation: limit)
        defer { group.cancelAll() }
        try await group.next()
      }
    }
  }
}

extension Trait where Self == GateTrait {
  /// The test starts programs, compilers or guests.
  ///
  /// - Parameters:
  ///   - minutes: When it is taken for hanging. Be generous: a test that is merely slow must not fail.
  ///   - alone: Nothing else goes through the gate meanwhile: for a test that looks at what all guests of the host share.
  package static func gated(minutes: Int = 15, alone: Bool = false) -> Self { Self(minutes: minutes, alone: alone) }
}
