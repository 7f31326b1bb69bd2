import Testing

@testable import KTestHost
@testable import KTestValues

struct KernelSeriesTests {
  private let packages: Set<String> = [
    "linux-image-6.1.0-47-cloud-amd64-unsigned", "linux-image-6.1.0-9-cloud-amd64",
    "linux-image-6.1.0-9-cloud-amd64-unsigned", "linux-image-6.1.0-50-amd64", "linux-image-cloud-amd64",
    "linux-image-6.12.117+deb12-cloud-amd64-unsigned", "linux-image-6.1.0-56-cloud-amd64-dbg",
  ]

  @Test func aStarIsEveryBuildOldestFirst() throws {
    func builds(_ text: String) throws -> [String] {
      try #require(try DebianKernelPattern(parsing: text)).builds(in: packages)
    }
    let cloud = ["linux-image-6.1.0-9-cloud-amd64-unsigned", "linux-image-6.1.0-47-cloud-amd64-unsigned"]
    #expect(try builds("debian:6.1-cloud*") == cloud)
    #expect(try builds("debian:6.1.*-cloud") == cloud)
    let newest = ["linux-image-6.12.117+deb12-cloud-amd64-unsigned"]
    #expect(try builds("debian:6.*-cloud@trixie-backports") == cloud + newest)
    #expect(try builds("debian:6.1*") == ["linux-image-6.1.0-50-amd64"])
    #expect(try builds("debian:6.*") == ["linux-image-6.1.0-50-amd64"])
    #expect(try builds("debian:5.10-cloud*").isEmpty)
  }

  @Test func patternsAndNames() throws {
    #expect(try DebianKernelPattern(parsing: "debian:7.*-cloud@sid")?.suite == DebianSuite(parsing: "sid"))
    #expect(try DebianKernelPattern(parsing: "debian:6.1-cloud") == nil)
    #expect(try DebianKernelPattern(parsing: "./a*") == nil)
    for text in [
      "debian:*", "debian:*-cloud", "debian:7.*2-cloud", "debian:7.*-cl*", "debian:7.*@", "debian:linux-image*",
    ] {
      #expect(throws: KernelError.self, "\(text)") { try DebianKernelPattern(parsing: text) }
    }
  }

  @Test("what is missing at the end of one pattern is missing before the first build of the next")
  func gapsAcrossPatterns() {
    var series = KernelSeries(names: ["a", "b"], absent: ["x", "y"], gaps: ["b": ["x"]], rest: ["y"])
    series.append(KernelSeries(names: [], absent: ["z"], rest: ["z"]))
    series.append(KernelSeries(names: ["b", "c", "d"], absent: ["u", "v"], gaps: ["c": ["u"], "d": ["v"]]))
    #expect(series.names == ["a", "b", "c", "d"] && series.absent == ["x", "y", "z", "u", "v"] && series.rest == [])
    #expect(series.gaps == ["b": ["x"], "c": ["y", "z", "u"], "d": ["v"]])
  }

  @Test func othersStayAsTheyAre() async throws {
    let cache = KernelCache(directory: "/nowhere/kernels")
    let names = ["./b", "./a", "./b", "debian:6.1-cloud", "./a.deb,./b.deb"]
    #expect(
      try await kernelSeries(names, cache: cache).names == ["./b", "./a", "debian:6.1-cloud", "./a.deb,./b.deb"])
    await #expect(throws: KernelError.self) { try await kernelSeries(["debian:linux-image*"], cache: cache) }
  }
}
