import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite("Paths that make cannot work in")
struct MakePathTests {
  @Test(arguments: [" ", ":", "%", "'", "\"", "&", "<", "#", "$", "[", "\t", "\n", "\\"])
  func refused(_ character: String) throws {
    let error = try #require(throws: KernelBuildError.self) { try MakePath.check("/t/a\(character)b", isCache: true) }
    #expect(error.kind == .usage)
    #expect(error.description.contains("choose another cache with --cache DIR"), "\(error)")
    #expect(!error.description.contains("\n"))
  }

  @Test(arguments: ["/t/linux-6.12.117+deb12~1", "/t/a,b", "/t/é", "/t/a@b_c=d"])
  func taken(_ path: String) throws { try MakePath.check(path) }

  @Test("a cache in such a path is refused before anything is made")
  func cache() async throws {
    let scratch = try Scratch()
    let cache = KernelBuildCache(root: "\(scratch.path)/a b")
    let request = KernelBuildRequest(source: .debian("linux-source-6.12"), base: .defconfig)
    await #expect(throws: KernelBuildError.badPlace(cache.root, character: " ", isCache: true)) {
      try await buildKernel(request, cache: cache)
    }
    #expect(scratch.names("").isEmpty)
  }

  @Test("an image's layer that make makes is refused in such a cache")
  func images() throws {
    let scratch = try Scratch()
    let error = try #require(throws: ImageError.self) {
      try ImageCache("\(scratch.path)/a,b c").checkForMake("module x")
    }
    guard case .placeUnfit = error else {
      Issue.record("it is \(error)")
      return
    }
    #expect(error.description.contains("choose another cache with --cache DIR"), "\(error)")
    try ImageCache("\(scratch.path)/a,b").checkForMake("module x")
  }
}
