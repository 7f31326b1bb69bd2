import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What an answer may say of an order, and what it must.
@Suite struct OrderedAnswerTests {
  /// Events that a worker made up.
  private struct MadeUp: GroupEvents {
    var events: [RunEvent]

    func pass(to emit: RunEmit) async throws { for event in events { try await emit(event) } }
  }

  private struct Executor: GroupExecutor {
    var workers = 1
    var answer: @Sendable (GroupOrder) -> GroupAnswer.Outcome

    func run(
      _ orders: [GroupOrder], of run: String, say: @escaping @Sendable (GroupNews) async throws -> Void,
      take: @escaping @Sendable (GroupAnswer) async throws -> Void
    ) async throws {
      for order in orders { try await take(GroupAnswer(order, answer(order))) }
    }
  }

  private static let facts = ScriptedWorker(name: "h1", host: ScriptedHost()).facts

  private func results(_ answer: @escaping @Sendable (GroupOrder) -> GroupAnswer.Outcome) async throws -> (
    verdict: Verdict, told: [String], events: [RunEvent]
  ) {
    let plan = try ScriptedRun.plan([Case(name: "a", run: ["a"]), Case(name: "b", run: ["b"])])
    let events = Locked<[RunEvent]>([])
    let end = try await runElsewhere(
      plan, name: "run", on: Executor(answer: answer), schedule: .oneByOne, needsKVM: false
    ) { event in events.with { $0.append(event) } }
    let all = events.with { $0 }
    let told = all.compactMap { event -> String? in
      guard case .caseFinished(_, _, let result) = event else { return nil }
      return "\(result.name) \(result.verdict) \(result.reason ?? "")"
    }
    return (end.verdict, told, all)
  }

  private static func passed(_ name: String, of order: GroupOrder, boot: Int? = nil) -> RunEvent {
    .caseFinished(
      suite: order.parts[0].suite.name, kernel: order.parts[0].kernel.label,
      result: CaseResult(name: name, verdict: .pass, seconds: 1, boot: boot ?? order.firstBoot))
  }

  @Test("a case of which an answer says nothing is an error, and no case is missing")
  func missing() async throws {
    let run = try await results { order in .ran(worker: Self.facts, part: MadeUp(events: [Self.passed("a", of: order)]))
    }
    #expect(run.told == ["a pass ", "b error the answer of h1 has no result of it"] && run.verdict == .error)
  }

  @Test("what is not of the order does not count: other cases, suites, boots")
  func foreign() async throws {
    let run = try await results { order in
      let other = RunEvent.caseFinished(
        suite: "other", kernel: order.parts[0].kernel.label, result: CaseResult(name: "a", verdict: .fail, seconds: 1))
      return .ran(
        worker: Self.facts,
        part: MadeUp(events: [
          Self.passed("c", of: order), other, Self.passed("a", of: order, boot: order.firstBoot + order.mostBoots),
          .console(boot: 1_000_000, bytes: [1]), Self.passed("a", of: order), Self.passed("b", of: order),
        ]))
    }
    #expect(run.told == ["a pass ", "b pass "] && run.verdict == .pass)
    #expect(!run.events.contains { if case .console = $0 { true } else { false } })
  }

  @Test("if every worker was ended before its end, what the last has finished counts")
  func cut() async throws {
    let why = VerdictReason(.harness, "3 hosts were lost with it")
    let run = try await results { order in
      .cut(worker: Self.facts, part: MadeUp(events: [Self.passed("b", of: order)]), why)
    }
    #expect(run.told == ["b pass ", "a error 3 hosts were lost with it"] && run.verdict == .error)
  }
}
