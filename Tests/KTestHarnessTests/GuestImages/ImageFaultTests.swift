import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite(.gated()) struct ImageFaultTests {
  private func failure(_ layers: String, files: [String: String] = [:]) async throws -> String {
    let bench = try ImageBench(layers, files: files)
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    #expect(bench.scratch.names("cache/images/tmp") == [], "something half-written was left")
    #expect(bench.scratch.names("cache/images/base") == [])
    return "\(try #require(error))".replacing(bench.scratch.path, with: "@")
  }

  @Test func aFileThatIsMissing() async throws {
    let said = try await failure("  - file: files/none\n    to: /etc/x\n")
    #expect(
      said
        == "@/images/test.yaml:3:5: error: file files/none needs '@/images/files/none', which does not exist")
  }

  @Test func aLinkThatLeadsOutOfTheFolder() async throws {
    let bench = try ImageBench("  - file: inside\n    to: /etc/x\n")
    try FileManager.default.createSymbolicLink(
      atPath: bench.scratch.path + "/images/inside", withDestinationPath: "/etc/passwd")
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    #expect("\(try #require(error))".contains("it leads out of the recipe's folder"))
  }

  @Test func aDirectoryForAFile() async throws {
    let said = try await failure("  - file: files\n    to: /etc/x\n", files: ["files/a": ""])
    #expect(
      said == "@/images/test.yaml:3:5: error: cannot put '@/images/files' into an image: it is not a regular file")
  }

  @Test(.enabled(if: HostTool("cc") != nil, "no C compiler on this host"))
  func aCompileErrorNamesFileAndLine() async throws {
    let said = try await failure(
      "  - compile: broken\n    sources: [src/broken.c]\n", files: ["src/broken.c": "int main(void)\n{ return x; }\n"])
    #expect(said.hasPrefix("the compiler rejected 'broken':\n"))
    #expect(said.contains("src/broken.c:2:"))
  }

  @Test func aMissingCompilerSaysWhatToInstall() {
    let error = #expect(throws: ImageError.self) {
      try HostTool.required("ktest-no-such-cc", for: "compile a", advice: "'apt-get install gcc libc6-dev'")
    }
    #expect(
      error?.description
        == "compile a needs the program 'ktest-no-such-cc', which is not installed: 'apt-get install gcc libc6-dev'")
  }

  @Test func aScriptIsNoProgram() async throws {
    let said = try await failure("  - program: /etc/passwd\n")
    #expect(said.contains("it is not an ELF program"))
  }

  @Test func aMissingAgent() async throws {
    let bench = try ImageBench("  - directory: /mnt\n")
    try FileManager.default.removeItem(atPath: bench.scratch.path + "/agent")
    await #expect(throws: ImageError.fileMissing(path: bench.scratch.path + "/agent", layer: "every image")) {
      try await bench.build()
    }
  }

  @Test func twoLayersAtOnePlace() throws {
    var composition = ImageComposition()
    func content(_ sha256: String, isLibrary: Bool) -> LayerContent {
      var content = LayerContent()
      content.entries = [
        LayerContent.Entry(path: "/usr/lib/a", mode: 0o755, body: .file(sha256: sha256, size: 1), isLibrary: isLibrary)
      ]
      return content
    }
    try composition.add(content("1", isLibrary: true), by: "program a")
    try composition.add(content("1", isLibrary: true), by: "program b")
    try composition.add(content("2", isLibrary: true), by: "package c")
    try composition.add(content("3", isLibrary: true), by: "meson d")
    #expect(composition.files.map(\.body) == [.file(sha256: "2", size: 1)])
    #expect(throws: ImageError.duplicateTarget(path: "/usr/lib/a", first: "package c", second: "file e")) {
      try composition.add(content("4", isLibrary: false), by: "file e")
    }
  }

  @Test func aFullDisk() throws {
    var writer = try FileWriter("/dev/full")
    let error = #expect(throws: ImageError.self) { try writer.write([1, 2, 3]) }
    #expect(error == .diskFull(path: "/dev/full"))
    #expect(error?.description.contains("no space left") == true)
  }

  @Test func anErrorLeavesNoFile() throws {
    let scratch = try Scratch()
    let cache = try ImageCache(scratch.path)
    #expect(throws: ImageError.diskFull(path: "x")) {
      try cache.write(cache.root + "/base/x") { writer in
        try writer.write([1, 2, 3])
        throw ImageError.diskFull(path: "x")
      }
    }
    #expect(scratch.names("images/base") == [])
    #expect(scratch.names("images/tmp") == [])
  }

  /// Another ktest starts while a package is unpacked, which takes the time of its archive.
  @Test func whatIsBeingUnpackedIsNotSwept() throws {
    let scratch = try Scratch()
    let cache = try ImageCache(scratch.path)
    let unfinished = cache.temporary()
    try Files.makeDirectory(unfinished)
    let old = Date(timeIntervalSince1970: 1_650_000_000)
    try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: unfinished)
    cache.sweep()
    #expect(scratch.names("images/tmp").count == 1)
    cache.sweep(now: Int(Date.now.timeIntervalSince1970) + 2 * 86_400)
    #expect(scratch.names("images/tmp") == [])
  }

  @Test func aFileThatChangesWhileItIsCopied() throws {
    let scratch = try Scratch()
    let source = try scratch.write("source", "12345")
    for size in [4, 6] {
      var writer = try FileWriter(scratch.path + "/copy")
      #expect(throws: ImageError.self) { try writer.write(file: source, size: size) }
    }
  }

  @Test func anUnwritableCache() async throws {
    let bench = try ImageBench("  - directory: /mnt\n")
    try bench.scratch.write("cache", "a file")
    let error = await #expect(throws: ImageError.self) { try await bench.build() }
    guard case .inputOutput("create the directory", _, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func damagedNotesAreMadeAnew() async throws {
    let bench = try ImageBench("  - directory: /mnt\n")
    let image = try await bench.build()
    for folder in ["layers", "base", "recipes"] {
      for name in bench.scratch.names("cache/images/" + folder) where !name.hasSuffix(".cpio") {
        try bench.scratch.write("cache/images/\(folder)/\(name)", [0, 0xff, 10, 9])
      }
    }
    #expect(try await bench.build() == image)
  }

  @Test func aHugeRecipeIsNotEvenRead() throws {
    let scratch = try Scratch()
    let path = try scratch.write("huge.yaml", "")
    try #require(truncate(path, 100 << 20) == 0)
    let (file, diagnostics) = try RecipeFile.read(path)
    #expect(file == nil)
    #expect(diagnostics.map(\.message) == ["the file has 104857600 bytes; the limit is 1048576"])
  }
}
