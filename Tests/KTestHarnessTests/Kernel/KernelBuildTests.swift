import Foundation
import Testing

@testable import KTestValues

struct KernelBuildTests {
  @Test func aManifestHasTheHashOfTheConfigurationAndNotTheConfiguration() throws {
    let config = KernelConfig(parsing: "CONFIG_A=y\n")
    let build = KernelBuild(
      label: "k", release: "6.1", imagePath: "/k/vmlinux", imageFormat: .vmlinux, configPath: "/k/config",
      config: config, modulesPath: "/k/m", moduleLayout: .buildTree, identity: "ab", source: .path("/k"))
    let decoded = try JSONDecoder().decode(KernelBuild.self, from: JSONEncoder().encode(build))
    var expected = build
    expected.config = nil
    #expect(decoded == expected)
    #expect(decoded.configHash == config.hash)
  }
}
