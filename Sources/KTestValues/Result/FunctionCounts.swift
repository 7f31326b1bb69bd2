/// What the functions of a kernel executed for one metric: in its least round, for all of its pages or calls.
package struct FunctionCounts: Sendable, Equatable {
  package struct Function: Sendable, Equatable {
    /// The name, and the module in brackets.
    package var name: String
    package var instructions: UInt64
    /// How often its first instruction was executed.
    package var calls: UInt64

    package init(_ name: String, instructions: UInt64, calls: UInt64) {
      self.name = name
      self.instructions = instructions
      self.calls = calls
    }
  }

  /// The name for everything outside of the kernel.
  package static let userSpace = "(user space)"
  /// The artefact of a case that has them.
  package static let file = "functions.tsv"

  package var metric: String
  /// The number of pages or calls of which the metric is the amount for one.
  package var per: UInt64
  package var functions: [Function]

  package init(metric: String, per: UInt64, functions: [Function]) {
    self.metric = metric
    self.per = per
    self.functions = functions
  }

  package var total: UInt64 { functions.reduce(0) { $0 &+ $1.instructions } }

  private static let head = "metric\tper\tfunction\tinstructions\tcalls"

  /// Returns a table with a line for each function of each metric.
  package static func text(_ counts: [FunctionCounts]) -> String {
    var text = head + "\n"
    for count in counts {
      for function in count.functions {
        text += "\(count.metric)\t\(count.per)\t\(function.name)\t\(function.instructions)\t\(function.calls)\n"
      }
    }
    return text
  }

  /// Reads the table; nil if it is damaged.
  package static func read(_ text: [UInt8]) -> [FunctionCounts]? {
    // By bytes: a name comes from a guest, and a character may be a line end with more behind it.
    let lines = text.split(separator: UInt8(ascii: "\n"))
    guard let first = lines.first, first.elementsEqual(head.utf8) else { return nil }
    var counts: [FunctionCounts] = []
    for line in lines.dropFirst() {
      let words = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map {
        String(decoding: $0, as: UTF8.self)
      }
      guard words.count == 5, let per = UInt64(words[1]), per > 0, let instructions = UInt64(words[3]),
        let calls = UInt64(words[4])
      else { return nil }
      let function = Function(words[2], instructions: instructions, calls: calls)
      if let last = counts.indices.last, counts[last].metric == words[0], counts[last].per == per {
        counts[last].functions.append(function)
      } else {
        counts.append(FunctionCounts(metric: words[0], per: per, functions: [function]))
      }
    }
    return counts
  }
}
