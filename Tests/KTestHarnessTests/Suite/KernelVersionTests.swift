import Testing

@testable import KTestValues

@Suite("Versions of kernels")
struct KernelVersionTests {
  @Test(
    "the version in a release",
    arguments: [
      ("6.12.117+deb13-cloud-amd64", "6.12.117"), ("6.1.0-56-cloud-amd64", "6.1"), ("7.3.4", "7.3.4"),
      ("7.3.0-rc2-00012-g1a2b3c4d", "7.3-rc2"), ("6.16-rc3-amd64", "6.16-rc3"), ("7.3.0-rc2+", "7.3-rc2"),
      ("7.3.0-rc2-next-20261120", "7.3-rc2"), ("7.3.0-0.rc2.20261120git1a2b.12.fc45.x86_64", "7.3-rc2"),
      ("7.3.0-070300rc2-generic", "7.3-rc2"), ("6.12.0-mine-rc1", "6.12"), ("5.14.0-503.el9.x86_64", "5.14"),
      ("6.12.0-1-rc9", "6.12"), ("7.0", "7.0"), ("6.12.5-rcu-test", "6.12.5"),
    ])
  func releases(_ row: (release: String, version: String)) {
    #expect(KernelVersion(release: row.release)?.description == row.version)
  }

  @Test(arguments: ["", "linux", "6", "6.", "v6.12", "6.x", "1234567.1", "6.12.x"]) func noVersion(release: String) {
    #expect(KernelVersion(release: release) == nil)
  }

  @Test func theirOrder() throws {
    let order = [
      "6.1.0-56", "6.12", "6.12.9", "6.12.117", "6.13-rc1", "6.13-rc10", "6.13", "7.0-rc1", "7.3-rc2", "7.3",
    ]
    let versions = try order.map { try #require(KernelVersion(release: $0)) }
    #expect(versions.sorted() == versions)
    #expect(KernelVersion(release: "7.3.0") == KernelVersion(release: "7.3"))
  }

  @Test(
    "what a range holds and what not",
    arguments: [
      (">=6.13 <7.0", "6.13 6.18.15 7.0-rc1", "6.12.117 6.13-rc1 7.0"),
      (">=6.13-rc1 <7.0-rc1", "6.13-rc1 6.13-rc10 6.18", "6.12.999 7.0-rc1 7.0"),
      ("6.12", "6.12 6.12.117+deb13-cloud-amd64 6.12-rc3", "6.11.9 6.13-rc1"), ("7", "7.0-rc1 7.3.4", "6.18 8.0-rc1"),
      ("6.12.5", "6.12.5", "6.12.4 6.12.6 6.12"), ("7.3-rc2", "7.3-rc2 7.3.0-rc2-next-20261120", "7.3-rc1 7.3-rc3 7.3"),
      ("<7", "6.18", "7.0"), (">=7", "7.0 7.3-rc1", "6.18 7.0-rc1"), ("6.12 >=6.12.30", "6.12.30", "6.12.29 6.13"),
    ])
  func ranges(_ row: (range: String, inside: String, outside: String)) throws {
    let range = try KernelVersionRange(parsing: row.range)
    for release in row.inside.split(separator: " ") {
      #expect(range.contains(try #require(KernelVersion(release: String(release)))), "\(release)")
    }
    for release in row.outside.split(separator: " ") {
      #expect(!range.contains(try #require(KernelVersion(release: String(release)))), "\(release)")
    }
  }

  @Test(
    "ranges that are none",
    arguments: [
      ("", "is empty"), (">=7 <6", "no kernel has a version that is '>=7 <6'"), (">=6.12 <6.12", "no kernel has"),
      ("6.12 6.13", "no kernel has"), ("<0", "no kernel has a version that is '<0'"),
      ("<=6.12", "'<=6.12' is not one of"), (">6.12", "is not one of"), ("=6.12", "is not one of"),
      (">= 6.12", "'>=' has no kernel version"), ("6.12.1.2", "has no kernel version"), ("6.12-rc", "has no kernel"),
      ("6.12.3-rc1", "has no kernel version"), ("v6.12", "has no kernel version"),
      ("6.12,7.0", "has no kernel version"),
    ])
  func badRanges(_ row: (range: String, message: String)) {
    #expect {
      try KernelVersionRange(parsing: row.range)
    } throws: { error in
      (error as? ValueProblem)?.message.contains(row.message) ?? false
    }
  }
}
