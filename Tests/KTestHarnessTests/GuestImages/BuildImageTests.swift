import Foundation
import Synchronization
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// A recipe's folder and a cache, both of their own.
struct ImageBench {
  let scratch: Scratch
  let steps = Steps()

  final class Steps: Sendable {
    private let list = Mutex<[String]>([])
    var all: [String] { list.withLock { $0 } }
    func add(_ step: ImageStep) { list.withLock { $0.append("\(step)") } }
    func clear() { list.withLock { $0 = [] } }
  }

  init(_ layers: String, files: [String: String] = [:]) throws {
    scratch = try Scratch()
    try scratch.write("images/test.yaml", "image: test\nlayers:\n" + layers)
    for (name, text) in files { try scratch.write("images/" + name, text) }
    try scratch.write("agent", "not an ELF file, kept as it is")
  }

  var cache: String { scratch.path + "/cache" }

  func build(
    _ parameters: [String: String] = [:], kernel: ImageKernel? = nil, modules: [ImagePayload] = []
  ) async throws -> BuiltImage {
    let (file, diagnostics) = try RecipeFile.read(scratch.path + "/images/test.yaml")
    #expect(diagnostics == [])
    return try await buildImage(
      try #require(file), parameters: parameters, kernel: kernel, modules: modules, agent: scratch.path + "/agent",
      cache: cache,
      progress: { [steps] in steps.add($0) })
  }

  func archive(_ image: BuiltImage) throws -> CPIOArchive { try CPIOArchive(try Files.read(image.path)) }
}

private let greeter = """
  #include <stdio.h>
  #include "greeting.h"
  int main(void) { puts(GREETING " " __FILE__); return 0; }
  """
private let compileLayer = """
    - compile: greeter
      sources: [src/greeter.c]
      cflags: [-O2, -g, -Wall, -Werror]
    - file: files/foo.conf
      to: /etc/foo.conf
      mode: 0600
    - directory: /mnt

  """
private let compileFiles = [
  "src/greeter.c": greeter, "src/greeting.h": "#define GREETING \"hello\"\n", "files/foo.conf": "foo=1\n",
]

@Suite(.gated()) struct BuildImageTests {
  @Test(.enabled(if: HostTool("cc") != nil, "no C compiler on this host"))
  func twoFoldersGiveTheSameBytes() async throws {
    let first = try ImageBench(compileLayer, files: compileFiles)
    let second = try ImageBench(compileLayer, files: compileFiles)
    let (one, two) = (try await first.build(), try await second.build())
    #expect(one.sha256 == two.sha256)
    #expect(one.layers.map(\.identity) == two.layers.map(\.identity))
    #expect(one.path != two.path)
    let bytes = try Files.read(one.path)
    #expect(SHA256.hex(of: bytes) == one.sha256)
    #expect(bytes.count == one.size)
    let archive = try CPIOArchive(bytes)
    #expect(archive["etc/foo.conf"]?.content == Array("foo=1\n".utf8))
    #expect(archive["etc/foo.conf"]?.mode == 0o100600)
    #expect(archive["init"]?.mode == 0o100755)
    #expect(archive["mnt"]?.mode == 0o040755)
    let program = try first.scratch.write("greeter", try #require(archive["usr/bin/greeter"]).content)
    #expect(try ELFLinking(try Files.read(program)).interpreter == nil)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program)
    let tool = try #require(HostTool(path: program))
    let outcome = try await tool.run([], cache: try ImageCache(first.cache))
    #expect(outcome.output == "hello ./src/greeter.c\n")
    #expect(first.scratch.names("cache/images/tmp") == [])
  }

  @Test(.enabled(if: HostTool("cc") != nil, "no C compiler on this host"))
  func asMuchAsPossibleComesFromTheCache() async throws {
    let bench = try ImageBench(compileLayer, files: compileFiles)
    let first = try await bench.build()
    #expect(bench.steps.all == ["compile greeter: compiling"])
    bench.steps.clear()
    #expect(try await bench.build() == first)
    #expect(bench.steps.all == [])

    try bench.scratch.write("agent", "another agent")
    let second = try await bench.build()
    #expect(second.sha256 != first.sha256)
    #expect(bench.steps.all == [], "a new agent compiles nothing")

    try bench.scratch.write("images/src/greeting.h", "#define GREETING \"good day\"\n")
    let third = try await bench.build()
    #expect(bench.steps.all == ["compile greeter: compiling"], "a header is part of the program")
    #expect(third.sha256 != second.sha256)

    bench.steps.clear()
    for name in bench.scratch.names("cache/images/blobs") {
      try FileManager.default.removeItem(atPath: bench.cache + "/images/blobs/" + name)
    }
    try FileManager.default.removeItem(atPath: third.path)
    #expect(try await bench.build() == third)
    #expect(bench.steps.all == ["compile greeter: compiling"])
  }

  @Test(.enabled(if: HostTool("cc") != nil, "no C compiler on this host"))
  func manyAtOnceDoNotDisturbEachOther() async throws {
    let bench = try ImageBench(compileLayer, files: compileFiles)
    let images = try await withThrowingTaskGroup(of: BuiltImage.self) { group in
      for _ in 0..<4 { group.addTask { try await bench.build() } }
      return try await group.reduce(into: [BuiltImage]()) { $0.append($1) }
    }
    #expect(Set(images.map(\.sha256)).count == 1)
    _ = try bench.archive(images[0])
    #expect(bench.scratch.names("cache/images/tmp") == [])
  }

  @Test func modulesAreASecondArchive() async throws {
    let bench = try ImageBench("  - directory: /mnt\n")
    let plain = try await bench.build()
    let module = try bench.scratch.write("dax.ko", "module")
    let modules = ImagePayload.modules([("libnvdimm", .bytes([1, 2, 3])), ("device_dax", .file(module))])
    let image = try await bench.build(modules: modules)
    #expect(image.sha256 != plain.sha256)
    #expect(image.layers.last?.title == "modules")
    let archive = try bench.archive(image)
    #expect(archive.archives.count == 2)
    #expect(archive["lib/modules/ktest/libnvdimm.ko"]?.content == [1, 2, 3])
    #expect(archive["lib/modules/ktest/device_dax.ko"]?.content == Array("module".utf8))
    #expect(
      archive["ktest/modules"]?.content
        == Array("libnvdimm /lib/modules/ktest/libnvdimm.ko\ndevice_dax /lib/modules/ktest/device_dax.ko\n".utf8))
    #expect(try Files.read(image.path).starts(with: try Files.read(plain.path)))
    #expect(try await bench.build(modules: modules) == image)
    try bench.scratch.write("dax.ko", "another")
    #expect(try await bench.build(modules: modules).sha256 != image.sha256)
  }

  @Test func aProgramOfTheHostBringsItsLibraries() async throws {
    let bench = try ImageBench("  - program: /usr/bin/env\n    to: /usr/bin/tool\n")
    let archive = try bench.archive(try await bench.build())
    #expect(archive["usr/bin/tool"]?.mode == 0o100755)
    #expect(
      archive["usr/lib/\(ELFMachine.host.triplet)/libc.so.6"] != nil || archive.paths.contains("usr/lib64/libc.so.6"))
    #expect(archive.paths.contains { $0.contains("ld-linux") })
  }

  @Test func listsWhatIsBuilt() async throws {
    let bench = try ImageBench("  - directory: /mnt\n")
    try bench.scratch.write("images/broken.yaml", "image: broken\nlayer: []\n")
    try bench.scratch.write("images/README", "no recipe")
    let folders = [bench.scratch.path + "/images", bench.scratch.path + "/none"]
    var list = try listImages(folders: folders, cache: bench.cache)
    #expect(list.map(\.name) == ["broken", "test"])
    #expect(list.map(\.isCached) == [false, false])
    #expect(list[0].diagnostics.count == 2)
    let image = try await bench.build()
    list = try listImages(folders: folders, cache: bench.cache)
    #expect(list[1].size == image.size)
    #expect(list[1].sha256 == image.sha256)
    try bench.scratch.write("images/test.yaml", "image: test\nlayers:\n  - directory: /opt\n")
    #expect(try listImages(folders: folders, cache: bench.cache)[1].isCached == false)
  }

  @Test func shippedRecipesAreGood() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../../../images")
    let names = Files.list(root.standardized.path).filter { $0.hasSuffix(".yaml") }
    #expect(names.contains("base.yaml"))
    for name in names {
      let (file, diagnostics) = try RecipeFile.read(root.standardized.path + "/" + name)
      #expect(diagnostics == [])
      #expect(file?.recipe.name == String(name.dropLast(5)))
    }
  }
}
