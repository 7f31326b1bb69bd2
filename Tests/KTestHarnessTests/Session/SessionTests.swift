import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A session")
struct SessionTests {
  @Test func findsPlacesByTheEnvironment() {
    let places = Places(
      environment: ["HOME": "/home/u", "XDG_CACHE_HOME": "/c", "KTEST_HOME": "/h"], workingDirectory: "/w",
      executable: "/opt/bin/ktest")
    #expect(places.stateDirectory == "/home/u/.local/state/ktest" && places.cacheDirectory == "/c/ktest")
    #expect(places.home == "/h" && places.agent == "/opt/bin/ktest-agent" && places.problem == nil)
    // The specification takes absolute paths only.
    let relative = Places(
      state: "s", cache: "/x", environment: ["HOME": "/home/u", "XDG_CACHE_HOME": "c"], workingDirectory: "/w",
      executable: "/opt/bin/ktest")
    #expect(relative.stateDirectory == "/w/s" && relative.cacheDirectory == "/x" && relative.home == nil)
    let odd = Places(state: "/a\nb", environment: [:], workingDirectory: "/w", executable: "/ktest")
    #expect(odd.problem?.contains("/a\\nb") == true)
  }

  @Test func findsTheHomeAboveTheExecutable() throws {
    let fixture = try SessionFixture()
    try fixture.tree.put("home/.build/debug/ktest", "")
    let places = Places(
      environment: ["HOME": "/home/u"], workingDirectory: "/w",
      executable: "\(fixture.tree.path)/home/.build/debug/ktest")
    #expect(places.home == "\(fixture.tree.path)/home")
  }

  @Test func takesTheUsersOwnSuiteFirst() throws {
    let fixture = try SessionFixture()
    let shipped = try fixture.session.suite("demo")
    try fixture.tree.put("here/suites/demo.yaml", SessionFixture.demo)
    let own = try fixture.session.suite("demo:a")
    #expect(shipped.path.contains("/home/suites/") && own.path.contains("/here/suites/") && own.cases == ["a"])
  }

  @Test func listsASuiteOnce() throws {
    let fixture = try SessionFixture([
      "demo": SessionFixture.demo, "build/demo": SessionFixture.matrix, "build/cells": SessionFixture.matrix,
      "selftest/x": SessionFixture.demo,
    ])
    try fixture.tree.put("here/suites/demo.yaml", SessionFixture.demo)
    let paths = try fixture.session.namedSuitePaths().map { String($0.dropFirst(fixture.tree.path.count)) }
    #expect(paths == ["/here/suites/demo.yaml", "/home/suites/build/cells.yaml"])
    for path in try fixture.session.namedSuitePaths() {
      let name = try #require(path.dropLast(5).split(separator: "/").last)
      #expect(try fixture.session.suite(String(name)).path == path)
    }
  }

  @Test func readsASuiteAndShowsWhatIsOdd() throws {
    let fixture = try SessionFixture(["bad": "suite: bad\ncasse: []\n"])
    let error = #expect(throws: Failure.self) { try fixture.session.suite("bad") }
    #expect(error?.kind == .data && error?.description.hasPrefix("this suite cannot be run\n") == true)
  }

  @Test func buildsKernelsThatAreGivenAsSource() async throws {
    let fixture = try SessionFixture()
    for name in ["Makefile", "Kconfig"] { try fixture.tree.put("linux/\(name)", "") }
    let tree = "\(fixture.tree.path)/linux"
    let suites = [try fixture.session.suite("demo").suite]
    let kernels = try await fixture.session.kernels(
      [tree, "/k"], building: KernelBuildOptions(base: "defconfig", jobs: 3), for: suites)
    #expect(kernels.map(\.label) == ["built", "found"] && fixture.supply.found == ["/k"])
    #expect(fixture.supply.built.map(\.base) == [.defconfig] && fixture.supply.built.map(\.jobs) == [3])
    #expect(fixture.display.notices == ["kernel built: 3 files compiled, 1.5 s"])
    // Without --build the tree is a kernel that was built by somebody.
    #expect(try await fixture.session.kernels([tree]).map(\.label) == ["found"])
  }

  @Test func refusesAFragmentThatCannotBeRead() throws {
    var options = KernelBuildOptions()
    options.fragments = ["/nowhere/fragment"]
    let error = #expect(throws: Failure.self) { try options.request("debian:linux-source-6.12", suites: []) }
    #expect(error?.kind == .usage && error?.description.contains("/nowhere/fragment") == true)
  }

  @Test func givesErrorsTheirKind() {
    let kinds: [(any Error, Failure.Kind)] = [
      (CancellationError(), .interrupted), (JournalError.noRuns(path: "/x"), .usage),
      (JournalError.diskFull(path: "/x"), .host), (PlanError("no such case", isSelection: true), .usage),
      (PlanError("bad suite"), .data), (KernelBuildError.badFragment(problems: []), .usage),
      (Failure(.failed, "it"), .failed), (CocoaError(.fileNoSuchFile), .host),
    ]
    for (error, kind) in kinds { #expect(Failure(error).kind == kind, "\(error)") }
  }
}
