import GuestProtocol
import Synchronization

@testable import KTestGuests
@testable import KTestValues

/// Guests whose behaviour depends on the kernel that they boot.
final class KernelGuests: GuestHost {
  typealias Play = @Sendable (Boot, CaseRequest) -> [GuestEvent]?
  typealias Probe = @Sendable (GuestProbe) -> (answer: String, events: [GuestEvent])?

  /// One guest that was switched on.
  struct Boot: Sendable, Equatable {
    /// The path of its kernel, which says what the kernel was made of (``FakeKernels``).
    var kernel: String
    var commandLine: String
    /// Counts the guests of this kernel from 1.
    var number: Int
    var isClone = false

    /// The commit or the build.
    var name: String { String(kernel.split(separator: "/").last?.split(separator: ",").first ?? "") }

    func has(_ option: String) -> Bool { kernel.split(separator: ",").dropFirst().contains { $0 == option } }
  }

  private struct State {
    var boots: [Boot] = []
    var guests: [ScriptedGuest] = []
    /// The guest of this number is not switched on.
    var limit = Int.max
    /// The guest before which this is true is not switched on.
    var isOver: (@Sendable () -> Bool)?
    var interrupt: (@Sendable () -> Void)?
  }

  let forkRefusal: String?
  private let probe: Probe
  private let play: Play
  private let state = Mutex(State())

  /// - Parameters:
  ///   - probe: What a guest answers whoever looks into it from outside; nil for a guest that cannot be looked into.
  ///   - forks: Whether guests can be forked.
  ///   - play: What a guest does with a case; nil for a case that passes.
  init(probe: @escaping Probe = { _ in nil }, forks: Bool = false, play: @escaping Play) {
    (self.probe, self.play) = (probe, play)
    forkRefusal = forks ? nil : "scripted"
  }

  /// Every guest that was switched on, in order.
  var boots: [Boot] { state.withLock { $0.boots } }
  var guests: [ScriptedGuest] { state.withLock { $0.guests } }

  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result {
    let kernel = description.kernel
    let (boot, interrupt) = state.withLock { state -> (Boot, (@Sendable () -> Void)?) in
      var boot = Boot(
        kernel: kernel, commandLine: description.commandLine, number: 1 + state.boots.count { $0.kernel == kernel })
      if case .clone = description.origin { boot.isClone = true }
      guard state.boots.count + 1 < state.limit, state.isOver?() != true else { return (boot, state.interrupt) }
      state.boots.append(boot)
      return (boot, nil)
    }
    interrupt?()
    var script = GuestScript(play: { [play] in play(boot, $0) })
    script.probe = probe
    let guest = ScriptedGuest(script, description)
    state.withLock { $0.guests.append(guest) }
    return try await body(guest)
  }

  /// Performs `body` and cancels it when the guest of that number would be switched on; that guest does not count.
  func interrupt(atBoot number: Int, _ body: @escaping @Sendable () async throws -> Void) async {
    await interrupt({ $0.limit = number }, body)
  }

  /// The same when a guest would be switched on and the condition holds.
  func interrupt(
    when isOver: @escaping @Sendable () -> Bool, _ body: @escaping @Sendable () async throws -> Void
  ) async {
    await interrupt({ $0.isOver = isOver }, body)
  }

  private func interrupt(
    _ set: (inout State) -> Void, _ body: @escaping @Sendable () async throws -> Void
  ) async {
    let (start, open) = AsyncStream<Void>.makeStream()
    let task = Task {
      for await _ in start { break }
      try await body()
    }
    state.withLock { state in
      set(&state)
      state.interrupt = { task.cancel() }
    }
    open.finish()
    _ = await task.result
    state.withLock { ($0.limit, $0.isOver, $0.interrupt) = (.max, nil, nil) }
  }
}

extension GuestScript {
  /// The case fails by its one subtest.
  static func failing(_ request: CaseRequest) -> [GuestEvent] {
    run(request, output: "KTAP version 1\n1..1\nnot ok 1 it\n")
  }

  /// The case passes, and the kernel warns meanwhile.
  static func warning(_ request: CaseRequest) -> [GuestEvent] {
    run(request, output: "KTAP version 1\n1..1\nok 1 it\n", [warning])
  }
}
