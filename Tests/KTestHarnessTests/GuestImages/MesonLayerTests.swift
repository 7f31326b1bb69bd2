import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

private let layer = """
    - meson: project
      targets: [test/tool]
      install: {test/tool: /usr/lib/project-test/tool}

  """
private let project = [
  "meson.build": "project('p', 'c')\nsubdir('lib')\nsubdir('test')\n",
  "lib/meson.build": "own = shared_library('own', 'own.c', soversion: '1')\n",
  "lib/own.c": "int own(void) { return 42; }\n",
  "test/meson.build": "executable('tool', 'tool.c', link_with: own)\n",
  "test/tool.c": "int own(void); int main(void) { return own(); }\n",
]
private let hasMeson = ["meson", "ninja", "pkg-config", "cc"].allSatisfy { HostTool($0) != nil }

@Suite(.gated()) struct MesonLayerTests {
  private func checkout() throws -> Scratch {
    let scratch = try Scratch()
    for (name, text) in project { try scratch.write(name, text) }
    return scratch
  }

  @Test(.enabled(if: hasMeson, "meson, ninja or pkg-config is not installed"))
  func aCheckoutIsBuiltOutOfTree() async throws {
    let bench = try ImageBench(layer)
    let checkout = try checkout()
    let before = Files.fingerprint(tree: checkout.path)
    let image = try await bench.build(["project": checkout.path])
    #expect(Files.fingerprint(tree: checkout.path) == before, "the checkout was written to")
    let archive = try bench.archive(image)
    #expect(archive["usr/lib/project-test/tool"] != nil)
    #expect(archive["usr/lib/lib/libown.so.1"] != nil, "where the program's RUNPATH looks in the guest")
    bench.steps.clear()
    #expect(try await bench.build(["project": checkout.path]) == image)
    #expect(bench.steps.all == [])
    try checkout.write("lib/own.c", "int own(void) { return 4711; }\n")
    #expect(try await bench.build(["project": checkout.path]).sha256 != image.sha256)
    #expect(
      bench.steps.all == ["meson project: copying the checkout", "meson project: building what has changed"])
  }

  /// As ndctl's own build does: it deletes what git does not know, in the checkout that it is built from.
  @Test(
    .enabled(if: hasMeson && HostTool("git") != nil, "meson, ninja, pkg-config or git is not installed"))
  func aBuildThatDeletesFilesOfItsSourceDeletesNoneOfTheUser() async throws {
    let bench = try ImageBench(layer)
    let checkout = try checkout()
    try checkout.write(
      "meson.build", "project('p', 'c')\nrun_command('./clean.sh', check: true)\nsubdir('lib')\nsubdir('test')\n")
    try checkout.write(
      "clean.sh",
      """
      #!/bin/sh
      cd "$MESON_SOURCE_ROOT" && rm my-config.h && echo written > seen && : >> lib/own.c
      git ls-files -o | grep config.h | xargs -r rm
      git -C '\(checkout.path)' ls-files -o | xargs -r -I{} rm '\(checkout.path)/{}'
      exit 0

      """)
    #expect(chmod(checkout.path + "/clean.sh", 0o755) == 0)
    for arguments in [["init", "-q"], ["add", "."]] {
      #expect(try await Git.run(arguments, in: checkout.path).succeeded)
    }
    for name in ["my-config.h", "lib/config.h", "notes"] { try checkout.write(name, "mine") }
    let before = Files.fingerprint(tree: checkout.path)
    let index = FileStamp(checkout.path + "/.git/index")
    let archive = try bench.archive(try await bench.build(["project": checkout.path]))
    #expect(archive["usr/lib/project-test/tool"] != nil)
    #expect(Files.fingerprint(tree: checkout.path) == before, "the checkout was written to")
    #expect(FileStamp(checkout.path + "/.git/index") == index)
    #expect(try Files.text(checkout.path + "/my-config.h") == "mine")
  }

  @Test func aCacheInsideTheCheckoutIsRefused() async throws {
    let bench = try ImageBench(layer)
    try bench.scratch.write("meson.build", "project('p', 'c')\n")
    let error = await #expect(throws: ImageError.self) { try await bench.build(["project": bench.scratch.path]) }
    #expect("\(try #require(error))".contains("the cache is inside of this checkout"))
  }

  @Test(.enabled(if: hasMeson, "meson, ninja or pkg-config is not installed"))
  func aFailingBuildShowsTheEndOfItsLog() async throws {
    let bench = try ImageBench(layer)
    let checkout = try checkout()
    try checkout.write("test/tool.c", "int main(void) { return nothing; }\n")
    let error = await #expect(throws: ImageError.self) { try await bench.build(["project": checkout.path]) }
    guard case .buildFailed(_, let lines, let log) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(lines.contains { $0.contains("tool.c:1") })
    #expect(Files.exists(log))
  }

  @Test(.enabled(if: !hasMeson, "meson is installed here"))
  func withoutMesonItSaysWhatToInstall() async throws {
    let bench = try ImageBench(layer)
    let checkout = try checkout()
    let error = await #expect(throws: ImageError.self) { try await bench.build(["project": checkout.path]) }
    #expect("\(try #require(error))".contains("apt-get install meson ninja-build pkg-config"))
  }

  @Test func withoutTheParameterTheLayerIsLeftOut() async throws {
    let bench = try ImageBench(layer)
    let image = try await bench.build()
    #expect(image.layers.map(\.title) == ["agent"])
  }

  @Test func whatTheParameterMayNotBe() async throws {
    let bench = try ImageBench(layer)
    let empty = try Scratch()
    for (value, words) in [
      (empty.path + "/none", "no such folder"), (empty.path, "it has no meson.build"),
      ("https://host/x@-evil", "this is not a git revision"),
    ] {
      let error = await #expect(throws: ImageError.self) { try await bench.build(["project": value]) }
      #expect("\(try #require(error))".contains(words))
    }
  }

  @Test(.enabled(if: HostTool("git") != nil, "git is not installed"))
  func aGitURLIsClonedOnce() async throws {
    let bench = try ImageBench(layer)
    let checkout = try checkout()
    let cache = try ImageCache(bench.cache)
    func run(_ arguments: [String]) async throws {
      let result = try await Git.run(arguments, in: checkout.path)
      #expect(result.succeeded, "\(result.complaint)")
    }
    for arguments in [["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"], ["tag", "v1"]] {
      try await run(arguments)
    }
    try checkout.write("second", "x")
    for arguments in [["add", "."], ["commit", "-q", "-m", "two"]] { try await run(arguments) }
    let build = LayerBuild(
      folder: checkout.path, parameters: [:], cache: cache, strip: nil,
      progress: { [steps = bench.steps] in steps.add($0) })
    let url = "file://" + checkout.path
    let old = try await build.checkout("project", value: url + "@v1", title: "meson project")
    #expect(!Files.exists(old.folder + "/second"))
    #expect(Files.exists(old.folder + "/lib/own.c"))
    let new = try await build.checkout("project", value: url, title: "meson project")
    #expect(Files.exists(new.folder + "/second"))
    #expect(old.identity != new.identity)
    bench.steps.clear()
    #expect(try await build.checkout("project", value: url + "@v1", title: "meson project") == old)
    #expect(bench.steps.all == [])
    await #expect(throws: ImageError.self) {
      try await build.checkout("project", value: url + "@v99", title: "meson project")
    }
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }
}
