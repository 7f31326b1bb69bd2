import Testing

@testable import KTestValues

struct KernelSourceTests {
  @Test func kinds() throws {
    #expect(try KernelSource(parsing: ".") == .path("."))
    #expect(try KernelSource(parsing: "/boot/vmlinuz-6.1.0-56-amd64") == .path("/boot/vmlinuz-6.1.0-56-amd64"))
    #expect(try KernelSource(parsing: "out/linux.deb") == .packages(["out/linux.deb"]))
    let several = try KernelSource(parsing: "a.rpm,b/c.rpm")
    #expect(several == .packages(["a.rpm", "b/c.rpm"]) && "\(several)" == "a.rpm,b/c.rpm")
    #expect(try KernelSource(parsing: "a,b.deb") == .packages(["a,b.deb"]))
    #expect(try KernelSource(parsing: "a.deb,b") == .path("a.deb,b"))
    #expect(try KernelSource(parsing: "running") == .installed(nil))
    #expect(try KernelSource(parsing: "./running") == .path("./running"))
    let installed = try KernelSource(parsing: "installed:6.1.0-56-amd64")
    #expect(installed == .installed("6.1.0-56-amd64") && "\(installed)" == "installed:6.1.0-56-amd64")
    #expect(
      try KernelSource(parsing: "debian:6.12-cloud") == .debian(.newest(version: "6.12", flavour: "cloud")))
    #expect(try KernelSource(parsing: "./debian:x") == .path("./debian:x"))
    #expect("\(try KernelSource(parsing: "debian:6.1.0-56-cloud"))" == "debian:6.1.0-56-cloud")
  }

  @Test func aSuiteOfTheArchive() throws {
    let suite = try #require(DebianSuite(parsing: "trixie-backports"))
    let source = try KernelSource(parsing: "debian:7.3-cloud@trixie-backports")
    #expect(source == .debian(.newest(version: "7.3", flavour: "cloud"), suite: suite))
    #expect("\(source)" == "debian:7.3-cloud@trixie-backports")
    for text in ["", "-x", "a/b", "a b", "a]", "sid main", "Sid", String(repeating: "a", count: 64)] {
      #expect(DebianSuite(parsing: text) == nil)
      #expect(throws: KernelError.self, "\(text)") { try KernelSource(parsing: "debian:7.3@\(text)") }
    }
    #expect(try KernelSource(parsing: "linux@v6.12") == .path("linux@v6.12"))
  }

  @Test(arguments: [
    "", "debian:", "debian:@sid", "debian:7.3@sid@x", "debian:../x", "debian:-y", "debian:6.1--cloud", "debain:6.12",
    "a\0b",
  ])
  func refused(text: String) {
    #expect(throws: KernelError.self) { try KernelSource(parsing: text) }
  }

  @Test(
    "deb-version(7)",
    arguments: [
      ("6.1.0-47", "6.1.0-56"), ("6.12.99+deb12", "6.12.107+deb12"), ("1.0~rc1", "1.0"), ("1.0", "1.0+b1"),
      ("6.12.117-1~deb12u1", "6.12.117-1"), ("9", "1:1"), ("1.0a", "1.0+"), ("1.9", "1.10"), ("", "0.1"),
    ])
  func versionOrder(less: String, greater: String) {
    #expect(DebianVersion(less) < DebianVersion(greater))
    #expect(!(DebianVersion(greater) < DebianVersion(less)))
  }

  @Test func leadingZerosDoNotCount() {
    #expect(DebianVersion("1.02-1") == DebianVersion("1.2-01"))
  }
}

struct DebianKernelNameTests {
  private let names = [
    "linux-image-6.1.0-47-cloud-amd64-unsigned", "linux-image-6.1.0-56-cloud-amd64",
    "linux-image-6.1.0-56-cloud-amd64-unsigned", "linux-image-6.1.0-56-cloud-amd64-dbg", "linux-image-6.1.0-48-amd64",
    "linux-image-6.1.0-56-rt-amd64-unsigned", "linux-image-6.12-cloud-amd64", "linux-image-amd64",
    "linux-image-6.12.99+deb12-cloud-amd64", "linux-image-6.12.117+deb12-cloud-amd64",
    "linux-image-6.12.117+deb12-cloud-amd64-unsigned", "linux-image-6.12.117+deb12-amd64-unsigned",
    "linux-image-6.12-amd64-signed-template", "linux-image-6.12.117+deb12-arm64-unsigned",
  ]

  @Test(arguments: [
    ("6.12-cloud", "linux-image-6.12.117+deb12-cloud-amd64-unsigned"),
    ("6.1-cloud", "linux-image-6.1.0-56-cloud-amd64-unsigned"),
    ("6.12", "linux-image-6.12.117+deb12-amd64-unsigned"),
    ("6.1", "linux-image-6.1.0-48-amd64"),
    ("6.12.117-cloud", "linux-image-6.12.117+deb12-cloud-amd64-unsigned"),
    ("6.12.99-cloud-amd64", "linux-image-6.12.99+deb12-cloud-amd64"),
    ("6.1.0-47-cloud", "linux-image-6.1.0-47-cloud-amd64-unsigned"),
    ("6.1-rt", "linux-image-6.1.0-56-rt-amd64-unsigned"),
    ("linux-image-6.1.0-56-cloud-amd64", "linux-image-6.1.0-56-cloud-amd64"),
  ])
  func chosen(short: String, package: String) throws {
    #expect(try #require(DebianKernelName(parsing: short)).candidates(in: names).first == package)
  }

  @Test(arguments: ["6.13-cloud", "6.11", "6.12.11-cloud", "linux-image-6.99-amd64", "6.1-clou"])
  func none(short: String) throws {
    #expect(try #require(DebianKernelName(parsing: short)).candidates(in: names).isEmpty)
  }

  @Test func theNearestComeFirst() throws {
    let name = try #require(DebianKernelName(parsing: "6.12.200-cloud"))
    #expect(
      name.nearest(in: names, limit: 3) == ["6.12.117+deb12-cloud", "6.12.99+deb12-cloud", "6.12.117+deb12"])
    // What is offered must be accepted.
    for offer in name.nearest(in: names, limit: 20) {
      #expect(try #require(DebianKernelName(parsing: offer)).candidates(in: names).isEmpty == false, "\(offer)")
    }
  }

  @Test func metaPackagesAndDebugSymbolsAreNoKernels() {
    let kernels = names.compactMap(DebianKernelPackage.init).map(\.name)
    #expect(kernels.count == 9)
    #expect(!kernels.contains { $0.hasSuffix("-dbg") || $0 == "linux-image-6.12-cloud-amd64" })
  }
}
