import Testing

@testable import KTestValues

/// Kconfig files that were made to harm: what is read of them is bounded, in time and memory.
@Suite struct HostileKconfigTests {
  private func tree(_ files: [String: String]) -> KconfigTree { KconfigTree { files[$0].map { Array($0.utf8) } } }

  @Test func aLongChainIsNoStackOverflow() {
    #expect(KconfigExpression("A" + String(repeating: " && A", count: 50_000)) == nil)
    #expect(KconfigExpression("A" + String(repeating: " || A", count: 50_000)) == nil)
    #expect(KconfigExpression("A" + String(repeating: " && A", count: 100)) != nil)
  }

  @Test func aFileThatSourcesItselfIsReadOnce() {
    let line = "source \"Kconfig\"\n"
    var reads = 0
    let tree = KconfigTree { path in
      reads += 1
      return path == "Kconfig" ? Array((String(repeating: line, count: 500) + "config A\n\tbool\n").utf8) : nil
    }
    #expect(tree.symbols["A"]?.definitions.count == 1 && reads == 1)
  }

  @Test func filesThatSourceEachOtherManyTimesEnd() {
    let next = ["Kconfig": "a", "a": "b", "b": "c", "c": "d", "d": "e"]
    var bytes = 0
    _ = KconfigTree(byteLimit: 256 << 10) { path in
      guard let name = next[path] else { return nil }
      let text = String(repeating: "source \"\(name)\"\n", count: 1000)
      bytes += text.utf8.count
      return Array(text.utf8)
    }
    #expect(bytes >= 128 << 10 && bytes < 512 << 10)
  }

  @Test func conditionsOfNestedBlocksAreBounded() {
    let text =
      String(repeating: "if A\n", count: 5000) + String(repeating: "config B\n\tbool \"b\"\n", count: 2000)
      + String(repeating: "endif\n", count: 5000) + "config C\n\tbool \"c\"\n"
    let tree = tree(["Kconfig": text])
    #expect(tree.symbols["B"]?.definitions.count == 2000)
    #expect(tree.symbols["B"]?.definitions.allSatisfy { $0.depends.count <= 128 } == true)
    let wish = ConfigWish("B", origin: "test")
    let wishes = ConfigWishes(own: [], asked: [wish])
    #expect(tree.shortfall(wish, in: KernelConfig(parsing: ""), wishes: wishes).causes.count <= 32)
    // Each block that was opened is closed, those beyond the limit too.
    #expect(tree.symbols["C"]?.definitions.first?.depends.isEmpty == true)
  }

  @Test func aVariableIsNotMultiplied() {
    let long = String(repeating: "x", count: 4000)
    let path = String(repeating: "$(A)", count: 1000)
    let tree = tree(["Kconfig": "A := \(long)\nsource \"\(path)$(A)\"\nconfig B\n\tbool\n"])
    #expect(tree.symbols["B"] != nil)
  }

  /// Twenty symbols in a row, each of which can be had by thirty alternatives that all fail.
  @Test func alternativesBelowAlternativesAreNotAllTried() {
    let blocks = (0..<20).map { place in
      let alternatives = (0..<30).map { "S\(place + 1)_\($0)" }.joined(separator: " || ")
      return (0..<30).map { "config S\(place)_\($0)\n\tbool \"x\"\n\tdepends on \(alternatives)\n" }.joined()
    }
    let tree = tree(["Kconfig": blocks.joined()])
    let wish = ConfigWish("S0_0", origin: "test")
    let config = KernelConfig(parsing: "")
    #expect(tree.supplement(for: wish, in: config, wishes: ConfigWishes(own: [], asked: [wish])) == nil)
    #expect(
      tree.shortfall(wish, in: config, wishes: ConfigWishes(own: [], asked: [wish])).description.utf8.count < 1 << 20)
  }

  @Test func whatIsRepeatedWithoutEndIsRead() {
    let depends = String(repeating: "\tdepends on A\n", count: 20_000)
    let repeated = tree(["Kconfig": "config B\n\tbool\n\(depends)"])
    #expect(repeated.symbols["B"]?.definitions.first?.depends.count == 128)
    let continued = String(repeating: "x \\\n", count: 20_000)
    #expect(tree(["Kconfig": "config B\n\tbool\n\thelp \\\n\(continued)\n"]).symbols["B"] != nil)
  }
}
