import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// What is read is a regular file of a known size; whatever else has the name is refused at once.
@Suite struct RegularFileTests {
  private let tree: TemporaryTree

  init() throws { tree = try TemporaryTree() }

  @Test func aFileIsReadAndHashed() throws {
    let path = try tree.put("file", "abc")
    let file = try RegularFile(path)
    #expect(file.size == 3)
    #expect(try file.bytes(limit: 2) == Array("ab".utf8))
    #expect(try RegularFile(path).digest() == SHA256.hex(of: "abc"))
    #expect(try RegularFile.bytes(of: path, limit: 3) == Array("abc".utf8))
  }

  @Test func whatIsNoRegularFileIsRefusedAtOnce() throws {
    let pipe = "\(tree.path)/pipe"
    #expect(mkfifo(pipe, 0o644) == 0)
    for (path, kind) in [(pipe, "a pipe"), (tree.path, "a directory"), ("/dev/null", "a device")] {
      #expect(throws: FileProblem.notRegular(path: path, kind: kind)) { try RegularFile(path) }
    }
    #expect(throws: FileProblem.absent(path: "\(pipe)/x")) { try RegularFile("\(pipe)/x") }
  }

  @Test func aLargerFileIsNotReadInPart() throws {
    let path = try tree.put("file", "abcd")
    #expect(throws: FileProblem.tooLarge(path: path, size: 4, limit: 3)) { try RegularFile.bytes(of: path, limit: 3) }
  }

  /// Each layer says it in its own words.
  @Test func noLayerOpensAPipe() async throws {
    let pipe = "\(tree.path)/pipe"
    #expect(mkfifo(pipe, 0o644) == 0)
    #expect(throws: KernelError.unreadable(path: pipe, reason: "it is a pipe, not a regular file")) {
      try KernelFiles.read(pipe)
    }
    #expect(throws: ImageError.fileUnfit(path: pipe, reason: "it is a pipe, not a regular file")) {
      try Files.read(pipe)
    }
    #expect(throws: SymbolError.unreadable(path: pipe, reason: "it is a pipe, not a regular file")) {
      try MappedFile(pipe)
    }
    #expect(throws: DiskError.self) { try readFile(pipe) }
    #expect(try BuildFiles.copy(pipe, to: "\(tree.path)/copy") == false)
    let (file, diagnostics) = try RecipeFile.read(pipe)
    #expect(file == nil && diagnostics.map(\.message) == ["it is a pipe, not a regular file"])
    await #expect(throws: KernelError.self) { try await resolveKernel(.path(pipe), cache: tree.cache) }
    await #expect(throws: KernelError.self) { try await resolveKernel(.packages([pipe]), cache: tree.cache) }
  }
}
