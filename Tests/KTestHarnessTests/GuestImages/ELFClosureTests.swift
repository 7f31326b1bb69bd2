import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct ELFClosureTests {
  private let scratch: Scratch
  private let machine = ELFMachine.x86_64

  init() throws { scratch = try Scratch() }

  private func closure() -> ELFClosure { ELFClosure(roots: [FileRoot(path: scratch.path)], machine: machine) }

  private func program(_ sample: ELFSample, at path: String = "/usr/bin/tool") throws -> ELFClosure.Program {
    ELFClosure.Program(source: try scratch.write(String(path.dropFirst()), sample.bytes), destination: path)
  }

  @Test func followsLibrariesOfLibraries() throws {
    let tool = try program(
      ELFSample(interpreter: "/lib64/ld-linux-x86-64.so.2", dynamic: [(1, "liba.so.1"), (1, "libc.so.6")]))
    try scratch.write(
      "usr/lib/x86_64-linux-gnu/liba.so.1", ELFSample(dynamic: [(1, "libb.so"), (1, "libc.so.6")]).bytes)
    // Where a package was made for the layout without /usr.
    try scratch.write("lib/x86_64-linux-gnu/libc.so.6", ELFSample(dynamic: [(1, "ld-linux-x86-64.so.2")]).bytes)
    try scratch.write("lib/x86_64-linux-gnu/ld-linux-x86-64.so.2", ELFSample().bytes)
    try scratch.write("lib64/ld-linux-x86-64.so.2", ELFSample().bytes)
    try scratch.write("usr/local/lib/libb.so", ELFSample().bytes)
    #expect(
      try closure().libraries(of: [tool]).map(\.destination) == [
        "/lib64/ld-linux-x86-64.so.2", "/usr/lib/x86_64-linux-gnu/liba.so.1", "/usr/lib/x86_64-linux-gnu/libc.so.6",
        "/usr/lib/x86_64-linux-gnu/libb.so", "/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
      ])
  }

  @Test func originIsThatOfTheGuestToo() throws {
    let source = try scratch.write(
      "build/test/tool", ELFSample(dynamic: [(1, "libown.so.1"), (29, "$ORIGIN/../lib:/nowhere")]).bytes)
    let library = try scratch.write("build/lib/libown.so.1", ELFSample().bytes)
    let tool = ELFClosure.Program(source: source, destination: "/usr/lib/tests/tool")
    let found = try closure().libraries(of: [tool])
    #expect(found == [ELFClosure.Program(source: library, destination: "/usr/lib/lib/libown.so.1")])
  }

  @Test func aBuildDirectoryIsSearchedWhole() throws {
    let tool = try program(ELFSample(dynamic: [(1, "libdeep.so.1")]))
    let library = try scratch.write("build/some/where/libdeep.so.1", ELFSample().bytes)
    var closure = closure()
    closure.buildDirectory = scratch.path + "/build"
    let real = try #require(Files.real(library))
    #expect(
      try closure.libraries(of: [tool]) == [
        ELFClosure.Program(source: real, destination: "/usr/lib/x86_64-linux-gnu/libdeep.so.1")
      ])
  }

  @Test func aMissingLibraryNamesWhoWantsIt() throws {
    let tool = try program(ELFSample(dynamic: [(1, "libgone.so.1")]))
    let error = #expect(throws: ImageError.self) { try closure().libraries(of: [tool]) }
    guard case .libraryMissing("libgone.so.1", tool.source, let searched) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(searched.contains("/usr/lib/x86_64-linux-gnu"))
    #expect("\(try #require(error))".contains("no library 'libgone.so.1', which '\(tool.source)' needs"))
  }

  @Test func anotherArchitectureIsToldApart() throws {
    let tool = try program(ELFSample(machine: 183))
    #expect(throws: ImageError.wrongArchitecture(path: tool.source, machine: "arm64", expected: "x86-64")) {
      try closure().libraries(of: [tool])
    }
    let native = try program(ELFSample(dynamic: [(1, "liba.so.1")]), at: "/usr/bin/native")
    let library = try scratch.write("usr/lib/liba.so.1", ELFSample(machine: 183).bytes)
    #expect(throws: ImageError.wrongArchitecture(path: library, machine: "arm64", expected: "x86-64")) {
      try closure().libraries(of: [native])
    }
    // The loader passes over a foreign library when another directory has the right one.
    try scratch.write("usr/local/lib/liba.so.1", ELFSample().bytes)
    #expect(try closure().libraries(of: [native]).count == 1)
  }

  @Test func librariesThatNeedEachOtherEnd() throws {
    let tool = try program(ELFSample(dynamic: [(1, "liba.so")]))
    try scratch.write("usr/lib/liba.so", ELFSample(dynamic: [(1, "libb.so")]).bytes)
    try scratch.write("usr/lib/libb.so", ELFSample(dynamic: [(1, "liba.so")]).bytes)
    #expect(try closure().libraries(of: [tool]).count == 2)
  }

  @Test func aDamagedLibraryIsAnError() throws {
    let tool = try program(ELFSample(dynamic: [(1, "liba.so")]))
    try scratch.write("usr/lib/liba.so", Array(ELFSample().bytes.prefix(70)))
    #expect(throws: ImageError.self) { try closure().libraries(of: [tool]) }
  }

  @Test func linksStayInsideOfTheRoot() throws {
    try scratch.write("root/etc/real", "x")
    try scratch.write("etc/secret", "x")
    let root = FileRoot(path: scratch.path + "/root")
    let files = FileManager.default
    for (link, target) in [
      ("absolute", "/etc/real"), ("relative", "etc/../etc/real"), ("outside", "../../etc/secret"), ("loop", "loop"),
      ("up", "../../../../etc/real"),
    ] {
      try files.createSymbolicLink(atPath: root.path + "/" + link, withDestinationPath: target)
    }
    let real = root.path + "/etc/real"
    #expect(root.locate("/absolute") == real)
    #expect(root.locate("/relative") == real)
    #expect(root.locate("/up") == real)
    #expect(root.locate("/outside") == nil)
    #expect(root.locate("/loop") == nil)
    #expect(root.locate("/../../etc/real") == real)
    #expect(root.locate("/etc/nothing") == nil)
  }
}
