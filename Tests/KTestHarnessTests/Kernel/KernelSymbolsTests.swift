import Testing

@testable import KTestValues

@Suite("The symbols of a running kernel")
struct KernelSymbolsTests {
  /// As /proc/kallsyms has them, with per-processor data in front and modules at the end.
  private static let kallsyms = """
    0000000000000000 A fixed_percpu_data
    ffffffff81000000 T startup_64
    ffffffff81000000 T _stext
    ffffffff81000000 T _text
    ffffffff81234560 t zap_pte_range
    ffffffff81234900 t __pfx_unmap_single_vma
    ffffffff81234910 t unmap_single_vma.isra.0
    ffffffff81234aa0 t unmap_single_vma.isra.0.cold
    ffffffff81300000 W arch_report_meminfo
    ffffffff81400000 T __memset
    ffffffff81400000 W memset
    ffffffff81400000 t memset_orig
    ffffffff82000000 D jiffies
    ffffffff82000010 d local_data
    ffffffffc0201010 t pmem_submit_bio\t[nd_pmem]
    ffffffffc0201000 t pmem_make_request\t[nd_pmem]

    """

  @Test(
    "an address is in the function before it",
    arguments: [
      (0xffff_ffff_8100_0000, "startup_64", true), (0xffff_ffff_8123_4560, "zap_pte_range", true),
      (0xffff_ffff_8123_4561, "zap_pte_range", false), (0xffff_ffff_8123_48ff, "zap_pte_range", false),
      (0xffff_ffff_8123_4910, "unmap_single_vma", false), (0xffff_ffff_8123_4aa4, "unmap_single_vma", false),
      (0xffff_ffff_8130_0002, "arch_report_meminfo", false), (0xffff_ffff_8140_0000, "memset", true),
      (0xffff_ffff_c020_1008, "pmem_make_request [nd_pmem]", false),
      (0xffff_ffff_c020_1010, "pmem_submit_bio [nd_pmem]", true),
      (0xffff_ffff_ffff_ffff, "pmem_submit_bio [nd_pmem]", false),
    ] as [(UInt64, String, Bool)])
  func function(_ row: (address: UInt64, name: String, isEntry: Bool)) throws {
    let symbols = try #require(KernelSymbols(kallsyms: Array(Self.kallsyms.utf8)))
    let found = try #require(symbols.function(at: row.address))
    #expect(found.name == row.name && found.isEntry == row.isEntry)
  }

  @Test func beforeTheFirstFunctionThereIsNone() throws {
    let symbols = try #require(KernelSymbols(kallsyms: Array(Self.kallsyms.utf8)))
    #expect(symbols.function(at: 0xffff_ffff_80ff_ffff) == nil && symbols.function(at: 0) == nil)
  }

  @Test(
    "no symbols, hidden ones, and what is no list of symbols",
    arguments: [
      "", "\n\n", "0000000000000000 T _text\n0000000000000000 t zap_pte_range\n", "ffffffff82000000 D jiffies\n",
      "ffffffff8100000g T x\n", "ffffffff81000000 T \n", "hello\n",
    ])
  func nothing(_ text: String) { #expect(KernelSymbols(kallsyms: Array(text.utf8)) == nil) }
}
