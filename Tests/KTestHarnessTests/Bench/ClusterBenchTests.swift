import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("A plan on simulated hosts")
struct ClusterBenchTests {
  private func bench(_ groups: Int, hosts: [Int], writesJournal: Bool) async throws -> ClusterBench {
    try await ClusterBenchJob(
      RecordingDisplay(), hosts: hosts, groups: groups, seed: 3, writesJournal: writesJournal
    ).measure()
  }

  @Test("every group has its result, and the same seed gives the same schedule")
  func schedule() async throws {
    let (one, other) = (
      try await bench(3000, hosts: [4, 40], writesJournal: false),
      try await bench(3000, hosts: [4, 40], writesJournal: false)
    )
    for (row, again) in zip(one.rows, other.rows) {
      #expect(row.passed + row.errors == 3000 && row.makespan >= row.bound)
      #expect(row.makespan == again.makespan && row.losses == again.losses && row.passed == again.passed)
      #expect(row.taking == nil && row.eventBytes == nil)
    }
    #expect(one.rows.contains { $0.losses > 0 })
    #expect(!one.text.contains("index") && one.json.contains("\"indexBytes\": null"))
  }

  @Test("with a journal, each row is one more night in the index")
  func nights() async throws {
    let bench = try await bench(40, hosts: [2, 3], writesJournal: true)
    #expect(bench.rows.map { $0.passed + $0.errors } == [40, 40])
    for row in bench.rows {
      #expect((row.eventBytes ?? 0) > 500 && (row.eventBytes ?? 0) < 4000 && (row.manifestBytes ?? 0) > 300)
    }
    let taken = bench.rows.compactMap(\.taking)
    // The first night makes the series, and the second adds a result to each.
    #expect(taken.count == 2 && taken[0].bytes > 0 && taken[1].bytes < taken[0].bytes)
    #expect(bench.text.contains("of the index, B"))
  }
}
