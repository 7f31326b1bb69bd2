import Foundation
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// `KTEST_KERNEL_SOURCE=debian:linux-source-6.12 swift test --filter RealBuildTests`: minutes with nothing cached. Built in
/// the cache that `ktest` itself uses.
@Suite(
  .gated(minutes: 60),
  .enabled(
    if: ProcessInfo.processInfo.environment["KTEST_KERNEL_SOURCE"] != nil,
    "KTEST_KERNEL_SOURCE does not name a kernel source"))
struct RealBuildTests {
  private var cache: KernelBuildCache {
    let environment = ProcessInfo.processInfo.environment
    return KernelBuildCache(root: "\(environment["XDG_CACHE_HOME"] ?? "\(NSHomeDirectory())/.cache")/ktest")
  }

  private func request() throws -> KernelBuildRequest {
    let name = try #require(ProcessInfo.processInfo.environment["KTEST_KERNEL_SOURCE"])
    let file = "\(Document.root)/suites/device-dax.yaml"
    let (suite, _) = KTestValues.Suite.read(bytes: [UInt8](try Data(contentsOf: URL(filePath: file))), file: file)
    let wishes = buildWishes(of: try #require(suite))
    return KernelBuildRequest(
      source: try KernelTreeName(parsing: name, isDirectory: HostFiles.isDirectory), wishes: wishes.symbols,
      modules: wishes.modules, jobs: ProcessInfo.processInfo.activeProcessorCount)
  }

  @Test("a kernel for device-dax has all that device-dax needs")
  func build() async throws {
    let request = try request()
    let built = try await buildKernel(request, cache: cache)
    let config = try #require(built.kernel.config)
    #expect((request.wishes + GuestNeeds.wishes).filter { !$0.isGranted(by: config) }.map(\.phrase) == [])
    let modules = try await modulePayload(for: request.modules.map(\.name), of: built.kernel)
    #expect(modules.missing == [])
    #expect(try await buildKernel(request, cache: cache).isFromCache)
  }

  @Test("what cannot be is explained by the tree's own Kconfig files")
  func impossible() async throws {
    var request = try request()
    request.wishes = [
      ConfigWish("DEVICE_PRIVATE", origin: "t:1"), ConfigWish("ZONE_DEVICE", .off, origin: "t:2"),
      ConfigWish("ARM64_MTE", origin: "t:3"), ConfigWish("MEMORY_FAILURE", .module, origin: "t:4"),
    ]
    request.modules = []
    await #expect { try await buildKernel(request, cache: cache) } throws: { error in
      let text = "\(error)"
      return ["ZONE_DEVICE is switched off by t:2", "no symbol ARM64_MTE for x86", "it is a bool"].allSatisfy(
        text.contains)
    }
  }
}
