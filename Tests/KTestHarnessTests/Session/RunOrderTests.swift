import Foundation
import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("What is to be run")
struct RunOrderTests {
  private func order(
    _ fixture: SessionFixture, _ suites: String..., kernels: [String] = ["k"], settings: [String] = [],
    matrix: [String] = [], tags: [String] = []
  ) throws -> RunOrder {
    try RunOrder(
      RunRequest(suites: suites, kernels: kernels, settings: settings, matrix: matrix, tags: tags), in: fixture.session)
  }

  private func refusal(_ body: () throws -> RunOrder) -> String {
    do {
      _ = try body()
      return "it was taken"
    } catch { return Failure(error).description }
  }

  @Test func aSuiteThatIsNamedTwiceIsOneSuiteWithBothCases() throws {
    let fixture = try SessionFixture(["demo": SessionFixture.demo, "cells": SessionFixture.matrix])
    let merged = try order(fixture, "demo:a", "cells", "demo:b")
    #expect(merged.suites.map(\.suite.name) == ["demo", "cells"])
    #expect(merged.suites.map(\.cases) == [["a", "b"], []])
    // All of it is more than a part of it.
    #expect(try order(fixture, "demo:a", "demo").suites.map(\.cases) == [[]])
  }

  @Test func twoFilesOfOneNameAreRefused() throws {
    let fixture = try SessionFixture()
    let other = try fixture.tree.put("other.yaml", SessionFixture.demo)
    let text = refusal { try order(fixture, "demo", other) }
    #expect(text.hasPrefix("two files have the suite name demo: "))
  }

  @Test func aMatrixIsCutToTheCellsThatAreWanted() throws {
    let fixture = try SessionFixture(["demo": SessionFixture.demo, "cells": SessionFixture.matrix])
    let all = try order(fixture, "cells", "demo", matrix: ["thp=madvise"])
    #expect(all.suites.map(\.cases) == [["[thp=madvise]"], []])
    #expect(try order(fixture, "cells:a", matrix: ["thp=madvise"]).suites.map(\.cases) == [["[thp=madvise]:a"]])
    #expect(
      refusal { try order(fixture, "cells", matrix: ["node=1"]) }
        == "--matrix node=1: none of these suites has such an axis; they have thp")
  }

  @Test func tagsSelectCases() throws {
    let tagged = """
      suite: tagged
      matrix: {thp: [always, madvise]}
      cases:
        - {name: a, run: [a], tags: [thp]}
        - {name: ab, run: [b], tags: [thp, hmm]}
        - {name: c, run: [c]}
      """
    let fixture = try SessionFixture(["demo": SessionFixture.demo, "tagged": tagged])
    func cases(_ suites: String..., tags: [String], matrix: [String] = []) throws -> [String: [String]] {
      let request = RunRequest(suites: suites, kernels: ["k"], matrix: matrix, tags: tags)
      let files = try RunOrder(request, in: fixture.session).suites
      return Dictionary(uniqueKeysWithValues: files.map { ($0.suite.name, $0.cases) })
    }
    // What is left of each suite is in the manifest by name, so that --again needs no tags.
    #expect(try cases("tagged", "demo", tags: ["thp"]) == ["tagged": ["a", "ab"]])
    #expect(try cases("tagged", tags: ["hmm", "hmm"]) == ["tagged": ["ab"]])
    #expect(try cases("tagged:a*", tags: ["hmm"]) == ["tagged": ["ab"]])
    #expect(
      try cases("tagged", tags: ["thp"], matrix: ["thp=always"]) == ["tagged": ["[thp=always]:a", "[thp=always]:ab"]])
    #expect(
      refusal { try order(fixture, "demo", "tagged", tags: ["thb"]) }
        == "no case of demo, tagged has the tag 'thb'; did you mean 'thp'? (the tags are hmm, thp)")
    #expect(refusal { try order(fixture, "demo", tags: ["x"]) }.hasSuffix("has the tag 'x'; there are no tags"))
    #expect(
      refusal { try order(fixture, "tagged:c", tags: ["thp"]) } == "none of the selected cases has the tag thp")
  }

  @Test func aParameterThatNoSuiteHasIsRefused() throws {
    let fixture = try SessionFixture()
    #expect(
      refusal { try order(fixture, "demo", settings: ["ndctl=/src"]) }
        == "--set ndctl: none of these suites has such a parameter; they have none")
  }

  @Test func withoutAKernelTheTreeInTheWorkingDirectoryIsTaken() throws {
    let fixture = try SessionFixture()
    #expect(refusal { try order(fixture, "demo", kernels: []) }.hasPrefix("no kernel: give --kernel"))
    for name in ["Kbuild", "MAINTAINERS"] { try fixture.tree.put("here/\(name)", "") }
    #expect(try order(fixture, "demo", kernels: []).kernels == ["."])
  }

  @Test func anUnknownSuiteIsToldWithThoseThereAre() throws {
    let fixture = try SessionFixture(["demo": SessionFixture.demo, "build/cells": SessionFixture.matrix])
    let typo = "no suite 'dmo'; did you mean 'demo'? (the suites are demo, cells)"
    #expect(refusal { try order(fixture, "dmo") } == typo)
  }

  /// Runs it, and gives the order that repeats it.
  private func again(
    _ fixture: SessionFixture, _ suite: String, _ kernels: [KernelBuild], parameters: [String: String] = [:]
  ) async throws -> RunOrder {
    let session = fixture.session
    let host = fixture.host()
    let job = RunJob(session, suites: [try session.suite(suite)], kernels: kernels, parameters: parameters)
    _ = try await job.perform(try await job.plan(on: host), on: host)
    return try RunOrder(again: "latest", in: session)
  }

  @Test func aRunIsRepeatedAsItWas() async throws {
    let fixture = try SessionFixture(["cells": SessionFixture.matrix])
    let kernels = [fixture.kernel("x", source: .debian(name: "6.12-cloud", package: "p", version: "1"))]
    let order = try await again(fixture, "cells[thp=madvise]:a", kernels)
    #expect(order.suites.map(\.cases) == [["[thp=madvise]:a"]] && order.kernels == ["debian:6.12-cloud"])
    #expect(order.identities == ["id-x"] && order.differences(from: kernels) == [])
    #expect(order.differences(from: [fixture.kernel("y")]) == ["y has changed since the original run"])
    // The suite's text is the run's own copy: the file may be another one now.
    try fixture.tree.put("home/suites/cells.yaml", SessionFixture.demo)
    #expect(try RunOrder(again: "latest", in: fixture.session).suites.map(\.suite.name) == ["cells"])
  }

  @Test func aKernelWhosePathHasABlankIsFoundAgain() async throws {
    let fixture = try SessionFixture()
    let order = try await again(fixture, "demo", [fixture.kernel(source: .path("/my kernels/linux 6.12"))])
    #expect(order.kernels == ["/my kernels/linux 6.12"])
  }

  @Test func thereIsNothingToRepeat() throws {
    let fixture = try SessionFixture()
    let text = refusal { try RunOrder(again: "latest", in: fixture.session) }
    #expect(text.hasPrefix("no runs in "))
  }
}
