import Testing

@testable import KTestValues

/// The measure of recognition: logs that this project did not make.
@Suite struct SplatCorpusTests {
  static let console = SplatLog.corpus("console")
  static let guilty = SplatLog.corpus("guilty")
  static let guest = SplatLog.corpus("guest", hasFields: false)

  @Test(.enabled(if: !console.isEmpty, "no ../shared/corpus/console here"))
  func titlesTypesAndTrust() {
    var (titled, titles, types, corrupted, presence) = (0, 0, 0, 0, 0)
    var misses: [String] = []
    for log in Self.console {
      let splat = SplatLog.splats(log.bytes).first
      presence += (splat == nil) == (log.title == nil) ? 1 : 0
      guard let title = log.title else {
        if let splat { misses.append("\(log.name): \(splat.title), where there is none") }
        continue
      }
      titled += 1
      types += splat?.type?.rawValue == log.type ? 1 : 0
      corrupted += splat?.corrupted == log.corrupted ? 1 : 0
      if let splat, splat.title == title || log.alternatives.contains(splat.title) {
        titles += 1
      } else {
        misses.append("\(log.name): \(splat?.title ?? "nothing"), not \(title)")
      }
    }
    #expect(misses.filter { $0.contains("where there is none") } == [])
    #expect(titles * 100 >= titled * 95, "\(misses)")
    #expect(presence * 100 >= Self.console.count * 97, "\(misses)")
    #expect(types * 100 >= titled * 90)
    #expect(corrupted * 100 >= titled * 90)
  }

  @Test(.enabled(if: !guilty.isEmpty, "no ../shared/corpus/guilty here"))
  func filesToBlame() {
    let right = Self.guilty.filter { log in SplatLog.splats(log.bytes).first?.file == log.file }
    #expect(right.count * 100 >= Self.guilty.count * 90)
  }

  @Test(.enabled(if: !guest.isEmpty, "no ../shared/corpus/guest here"), arguments: guest)
  func ownGuests(log: SplatLog) throws {
    let titles = SplatLog.splats(log.bytes).map(\.title)
    switch log.name {
    case "device-dax-percpu-ref.console.log":
      #expect(titles == ["WARNING in percpu_ref_switch_to_atomic_rcu", "INFO: task hung in memunmap_pages"])
    // A real WARNING of that guest's topology, at boot.
    case "hmm-tests-exclusive-fail.console.log": #expect(titles == ["WARNING in topology_sane"])
    // The emulator's fault, see StaleBreakpointTests.
    case "tcg-int3-text-patching.console.log": #expect(titles == ["int3 in enqueue_timer"])
    default: #expect(titles == [])
    }
  }
}
