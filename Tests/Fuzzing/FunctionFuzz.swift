import GuestProtocol
import KTestHarness
import KTestValues

/// What a guest says of its symbols and by its marks, what QEMU's plugin writes of them, and the table that a run keeps.
struct FunctionFuzz: FuzzTarget {
  static let name = "functions"
  private let mutator: Mutator

  private static let kallsyms = """
    0000000000000000 A fixed_percpu_data
    ffffffff81000000 T _text
    ffffffff81234560 t zap_pte_range.isra.0
    ffffffff81400000 W memset
    ffffffffc0201000 t pmem_make_request\t[nd_pmem]

    """
  private static let written = "metric munmap-small 512\n0 40\nffffffff81234560 7\nffffffffc0201004 9\n\nmetric b 1\n\n"
  private static let table = "metric\tper\tfunction\tinstructions\tcalls\nmunmap-small\t512\tzap_pte_range\t7\t7\n"
  private static let marks = "\u{2}\u{3}\u{18}\u{2}\u{3}munmap-small 512\n\u{2}\u{3}b 1\n"

  init(_ files: SeedFiles) {
    mutator = Mutator(
      seeds: [Self.kallsyms, Self.written, Self.table, Self.marks].map { Array($0.utf8) },
      words: [
        "\u{2}", "\u{3}", "\u{18}", "metric ", "\t", "\n\n", " t ", " T ", "ffffffff81000000", "[m]", ".cold", " 1\n",
      ])
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) -> String? {
    if let symbols = KernelSymbols(kallsyms: input) {
      for address in [0, 0xffff_ffff_8123_4566, UInt64.max] {
        guard let (name, _) = symbols.function(at: address) else { continue }
        if name.isEmpty || name.utf8.contains(where: { $0 == 9 || $0 == 10 }) { return "the name '\(name)'" }
      }
    }
    if let table = FunctionCounts.read(input), FunctionCounts.read(Array(FunctionCounts.text(table).utf8)) != table {
      return "a table that is not read as it was written"
    }
    for metrics in [MarkedMetric.read(input), followed(input, &dice)].compactMap({ $0 })
    where MarkedMetric.read(Array(metrics.map(\.text).joined().utf8)) != metrics {
      return "metrics that are not read as they were written"
    }
    return nil
  }

  /// The metrics that a guest names by these marks, while counters grow.
  private func followed(_ marks: [UInt8], _ dice: inout Dice) -> [MarkedMetric] {
    var rounds = MarkedRounds()
    var counters: [UInt64] = [0]
    return marks.prefix(4096).compactMap { mark in
      if counters.count < 40 { counters.append(0) }
      counters[dice.below(counters.count)] += 1
      return counters.withUnsafeBufferPointer { rounds.take(mark, $0) }
    }
  }
}
