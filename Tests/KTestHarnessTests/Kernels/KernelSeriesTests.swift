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
    #expect(
      try expanded("debian:6.1-cloud*", packages) == [
        "linux-image-6.1.0-9-cloud-amd64-unsigned", "linux-image-6.1.0-47-cloud-amd64-unsigned",
      ])
    #expect(try expanded("debian:6.1*", packages) == ["linux-image-6.1.0-50-amd64"])
    #expect(throws: KernelError.self) { try expanded("debian:5.10-cloud*", packages) }
  }

  @Test func othersStayAsTheyAre() async throws {
    #expect(try await kernelSeries(["./b", "./a", "./b", "debian:6.1-cloud"]) == ["./b", "./a", "debian:6.1-cloud"])
    await #expect(throws: KernelError.self) { try await kernelSeries(["debian:linux-image*"]) }
  }
}
