import Foundation
import TestGate
import Testing

@testable import KTestHost
@testable import KTestValues

struct DebianArchiveTests {
  @Test func aMissingProgramIsNamedWithItsPackage() async {
    let tool = Tool(name: "ktest-no-such-program", package: "some-package")
    await #expect(
      throws: KernelError.toolMissing(
        tool: "ktest-no-such-program", package: "some-package", purpose: "test")
    ) { try await tool.run([], purpose: "test") }
  }

  @Test("an unknown package is answered with those there are", .gated())
  func unknownPackage() async throws {
    let tree = try TemporaryTree()
    let source = try KernelSource(parsing: "debian:99.1-cloud")
    do {
      _ = try await resolveKernel(source, cache: tree.cache)
      Issue.record("there is no Linux 99.1")
    } catch KernelError.noSuchPackage(let name, let nearest) {
      #expect(name == "99.1-cloud")
      #expect(nearest.count <= 6)
    } catch KernelError.noPackageLists {
      try Test.cancel("apt has no package lists")
    } catch KernelError.toolMissing {
      try Test.cancel("apt is not installed")
    }
    #expect(tree.cache.entries().isEmpty)
  }

  @Test("Debian's cloud kernel comes over the network once", .gated())
  func fetch() async throws {
    let tree = try TemporaryTree()
    let source = try KernelSource(parsing: "debian:6.12-cloud")
    let seen = Seen()
    let build: KernelBuild
    do {
      build = try await resolveKernel(source, cache: tree.cache) { seen.add($0) }
    } catch let error as KernelError {
      switch error {
      case .noPackageLists, .toolMissing, .fetchFailed, .noSuchPackage: try Test.cancel("\(error)")
      default: throw error
      }
    }
    #expect(build.release.hasPrefix("6.12."))
    #expect(build.config?.value(of: "DEV_DAX") == .module)
    #expect(build.config?.isEnabled("MEMORY_FAILURE") == true)
    let events = seen.events
    #expect(events.first?.phase == .searching && events.last?.phase == .done)
    let loaded = events.last { $0.phase == .downloading }
    #expect(loaded?.received == loaded?.total && (loaded?.total ?? 0) > 1_000_000)
    #expect(!tree.files(in: "cache/kernels").contains { $0.hasSuffix(".deb") })

    let modules = try await modulePayload(for: ["dax_pmem", "nd_pmem", "nd_e820", "virtio_pci"], of: build)
    #expect(modules.missing.isEmpty)
    #expect(modules.files.map(\.name).contains("libnvdimm"))

    let second = try await resolveKernel(source, cache: tree.cache) { seen.add($0) }
    #expect(second == build)
    #expect(seen.events.count == events.count)
  }

  private final class Seen: Sendable {
    private let all = Locked([FetchProgress]())
    func add(_ progress: FetchProgress) { all.with { $0.append(progress) } }
    var events: [FetchProgress] { all.with { $0 } }
  }
}
