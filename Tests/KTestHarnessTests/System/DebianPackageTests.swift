import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct DebianPackageTests {
  @Test func stanzasOfAptCache() throws {
    let text = """
      Package: linux-image-6.12-cloud-amd64
      Version: 1:6.12.117-1~deb12u1
      Architecture: amd64
      Depends: linux-image-6.12.117+deb12-cloud-amd64 (= 6.12.117-1), kmod | other:any
      Filename: pool/x.deb
      Size: 34304772
      Description: Linux
       Version: 9 in a continued line

      Package: installed-only
      Version: 2
      Architecture: all

      Package: installed-only
      Version: 1
      Architecture: all
      Filename: pool/y.deb
      """
    let packages = DebianPackage.read(aptCacheShow: text)
    #expect(packages.map(\.name) == ["linux-image-6.12-cloud-amd64", "installed-only"])
    let package = try #require(packages.first)
    #expect(package.version == "1:6.12.117-1~deb12u1" && package.isInArchive)
    #expect(package.entry == "linux-image-6.12-cloud-amd64_1%3a6.12.117-1~deb12u1")
    #expect(package.folder == "linux-image-6.12-cloud-amd64_1:6.12.117-1~deb12u1_amd64")
    #expect(package.size == 34_304_772)
    #expect(package.depends == ["linux-image-6.12.117+deb12-cloud-amd64", "kmod", "other"])
    #expect(packages.last?.version == "2" && packages.last?.isInArchive == false)
    #expect(DebianPackage.read(aptCacheShow: "").isEmpty)
  }

  @Test func exactVersionsOfDependencies() throws {
    let text = """
      Package: linux-image-7.3.4-amd64
      Version: 7.3.4-1
      Architecture: amd64
      Depends: dracut | linux-initramfs-tool, linux-base (>= 4.17~), linux-base-7.3.4-amd64 (= 7.3.4-1), \
      linux-modules-7.3.4-amd64 (= 7.3.4-2), linux-binary-7.3.4-amd64 (= 7.3.4-1)
      Filename: pool/x.deb

      Package: linux-image-7.3.4-amd64
      Version: 7.3.4-0
      Architecture: amd64
      Depends: linux-base-7.3.4-amd64 (= 7.3.4-0)
      Filename: pool/y.deb
      """
    let packages = DebianPackage.readAll(aptCacheShow: text)
    #expect(packages.map(\.version) == ["7.3.4-1", "7.3.4-0"])
    #expect(DebianPackage.read(aptCacheShow: text) == [packages[0]])
    #expect(
      ArchiveKernel.Part.parts(of: packages[0]).map { "\($0.name)=\($0.version)" } == [
        "linux-binary-7.3.4-amd64=7.3.4-1", "linux-modules-7.3.4-amd64=7.3.4-2", "linux-base-7.3.4-amd64=7.3.4-1",
      ])
    // Until 6.18 the image package has everything, and the other one only documents it.
    #expect(ArchiveKernel.Part.parts(of: packages[1]).isEmpty)
  }

  @Test(
    "a name that would be a path, or an option of apt's, is none", arguments: ["../x", "-oAPT::x=y", "", "X", "a b"])
  func noName(_ name: String) {
    #expect(DebianPackage.read(aptCacheShow: "Package: \(name)\nVersion: 1\nArchitecture: all\n").isEmpty)
  }

  @Test(arguments: [
    "Version: ../1\nArchitecture: all", "Version: 1\nArchitecture: ../x", "Version: 1", "Architecture: all",
  ])
  func noVersion(_ fields: String) {
    #expect(DebianPackage.read(aptCacheShow: "Package: x\n\(fields)\nFilename: y\n").isEmpty)
  }

  @Test func whyAToolComplains() {
    let complaint = "W: unsandboxed\nE: Failed to fetch x\nE: Unable to fetch some archives\n"
    #expect(HostProgramResult.reason(in: complaint) == "Failed to fetch x; Unable to fetch some archives")
    #expect(HostProgramResult.reason(in: "dpkg-deb: error: broken\n") == "dpkg-deb: error: broken")
    #expect(HostProgramResult.reason(in: "") == "it printed nothing")
  }
}
