import Testing

@testable import KTestValues

@Suite struct GitBisectLogTests {
  private func h(_ index: Int) -> String { SmallHistory.hash(index) }

  @Test func whatGitPrintsIsRead() throws {
    let text = """
      git bisect start
      # status: waiting for both good and bad commits
      # bad: [\(h(9))] mm: a change
      git bisect bad \(h(9))
      # good: [\(h(0))] Linux 6.12
      git bisect good \(h(0))
      git bisect skip \(h(4))
      # first bad commit: [\(h(9))] mm: a change

      """
    #expect(
      try GitBisectLog(parsing: text).entries
        == [.init(.bad, h(9)), .init(.good, h(0)), .init(.skip, h(4))])
  }

  @Test func endsAndTermsInTheFirstLineAreRead() throws {
    #expect(
      try GitBisectLog(parsing: "git bisect start '\(h(9))' '\(h(0))' '\(h(1))' '--' 'mm/'\n").entries
        == [.init(.bad, h(9)), .init(.good, h(0)), .init(.good, h(1))])
    let terms = "git bisect start '--term-new=slow' '--term-old' 'fast'\ngit bisect slow a\ngit bisect fast b c\n"
    #expect(try GitBisectLog(parsing: terms).entries == [.init(.bad, "a"), .init(.good, "b"), .init(.good, "c")])
  }

  @Test(arguments: ["rm -rf /", "git bisect", "git bisect run make", "git bisect good", "\u{0}\u{1}"])
  func whatIsNoLogIsRefused(_ line: String) {
    #expect(throws: GitBisectLog.Problem(line: 2, text: line)) {
      _ = try GitBisectLog(parsing: "git bisect start\n\(line)\n")
    }
  }

  @Test func whatIsWrittenIsReadBack() throws {
    let log = GitBisectLog([.init(.bad, h(9)), .init(.good, h(0)), .init(.skip, h(3))])
    let text = log.text { $0 == h(9) ? "a subject\nand a body" : nil }
    #expect(try GitBisectLog(parsing: text) == log)
    #expect(text.contains("# bad: [\(h(9))] a subject\n"))
  }

  @Test func aSearchTellsGitWhatItIsSureOf() throws {
    let graph = try SmallHistory.line(16)
    var bisection = Bisection(graph)
    _ = SmallHistory.play(&bisection, culprit: 11, skips: [8])
    let log = bisection.gitLog
    #expect(log.entries.prefix(2) == [.init(.bad, h(16)), .init(.good, h(0))])
    for entry in log.entries {
      let node = try #require(graph.node(of: entry.commit))
      #expect(entry.mark == (node == 8 ? .skip : node >= 11 ? .bad : .good))
    }
    #expect(log.entries.contains(.init(.good, h(10))) && log.entries.contains(.init(.bad, h(11))))
  }

  @Test func anotherSearchsWordIsBelievedUntilRunsSayOtherwise() throws {
    let graph = try SmallHistory.line(16)
    var bisection = Bisection(graph)
    for item in GitBisectLog([.init(.bad, h(16)), .init(.good, h(0)), .init(.good, h(8)), .init(.bad, h(12))]).evidence
    {
      bisection.add(item)
    }
    #expect(bisection.probabilities[9...12].reduce(0, +) > 0.9)
    #expect(bisection.peek == .probe(Probe(purpose: .proveBadEnd, node: 16, commit: h(16), boots: 60)))
    for _ in 0..<4 { bisection.add(Evidence(.commit(h(8)), .targetSeen)) }
    #expect(bisection.probabilities[1...8].reduce(0, +) > 0.9)
  }
}
