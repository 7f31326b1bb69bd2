import Testing

@testable import KTestValues

/// The categories of upstream's `run_vmtests.sh`, which linux-mm's CI runs one by one, are tags of the shipped suites.
@Suite struct CategoryTests {
  /// The thirty scripts `ksft_*.sh` that mm-ci runs, by the category that each of them gives to `run_vmtests.sh`.
  static let categories = [
    "compaction", "cow", "gup_test", "hmm", "hugetlb", "hugevm", "ksm", "ksm_numa", "madv_guard", "madv_populate",
    "mdwe", "memfd_secret", "memory-failure", "migration", "mkdirty", "mlock", "mmap", "mremap", "page_frag", "pagemap",
    "pfnmap", "pkey", "process_madv", "process_mrelease", "rmap", "soft_dirty", "thp", "userfaultfd", "vma_merge",
    "vmalloc",
  ]

  private func tags(of name: String) throws -> Set<String> {
    let path = "suites/\(name).yaml"
    let suite = try #require(Suite.read(bytes: try Document.bytes(path), file: path).suite)
    return Set(suite.cases.flatMap(\.tags))
  }

  @Test func everyCategoryIsATag() throws {
    #expect(Self.categories.count == 30)
    let elsewhere = ["hmm": "hmm-tests", "migration": "thp-migration"]
    for category in Self.categories {
      let suite = elsewhere[category] ?? "mm"
      #expect(try tags(of: suite).contains(category), "no case of \(suite) has the tag \(category)")
    }
    // And nothing else is one, so that a misspelt tag is found.
    let all = try ["mm", "thp-migration", "hmm-tests"].reduce(into: Set<String>()) { $0.formUnion(try tags(of: $1)) }
    #expect(all == Set(Self.categories))
  }

  @Test func thePageNamesEveryCategory() throws {
    let page = String(decoding: try Document.bytes("docs/mm-ci.md"), as: UTF8.self)
    for category in Self.categories { #expect(page.contains("`\(category)`"), "docs/mm-ci.md lacks \(category)") }
  }
}
