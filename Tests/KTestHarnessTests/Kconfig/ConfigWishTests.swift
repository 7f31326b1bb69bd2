import Testing

@testable import KTestValues

@Suite struct ConfigWishTests {
  @Test func aFragmentIsRead() {
    let fragment = ConfigFragment(
      parsing: """
        # a comment
        CONFIG_A=y
        CONFIG_B=m
        # CONFIG_C is not set
        CONFIG_D=n

        CONFIG_E="a text" 
        CONFIG_F=0x10
        CONFIG_A=m
        """, name: "my.config")
    #expect(fragment.problems == [])
    #expect(fragment.wishes.map(\.phrase) == ["A=m", "B=m", "C=n", "D=n", "E=\"a text\"", "F=0x10"])
    #expect(fragment.wishes.map(\.origin).first == "my.config:9")
  }

  @Test func whatIsNoFragmentIsSaid() {
    let fragment = ConfigFragment(parsing: "CONFIG_A=y\r\nA=y\nCONFIG_=y\nrubbish\nCONFIG_A B=y\n", name: "f")
    #expect(fragment.wishes.map(\.phrase) == ["A=y"])
    #expect(fragment.problems.count == 4)
    #expect(fragment.problems.first?.hasPrefix("f:") == true)
  }

  @Test func wishesAreJoined() {
    let suite = { (symbol: String, value: ConfigWish.Value) in ConfigWish(symbol, value, origin: "suite s") }
    let wishes = ConfigWishes(
      own: [ConfigWish("TTY", origin: "ktest"), ConfigWish("OFF", origin: "ktest")],
      asked: [
        suite("A", .either), suite("A", .module), suite("B", .loadable), suite("B", .either), suite("C", .loadable),
        suite("C", .builtIn), ConfigWish("OFF", .off, origin: "f:1"),
      ])
    #expect(wishes.all.map { "\($0.symbol)=\($0.assigned)" } == ["A=m", "B=m", "C=y", "OFF=n", "TTY=y"])
    #expect(wishes.conflicts == [])
  }

  @Test func contradictionsAreNamed() {
    let wishes = ConfigWishes(
      own: [],
      asked: [ConfigWish("A", .module, origin: "suite s"), ConfigWish("A", .builtIn, origin: "f:1")])
    #expect(wishes.conflicts == ["A has two values: suite s requests m, f:1 requests y"])
  }

  @Test func whoInsistsIsNamed() {
    let optional = ConfigWish("A", .module, origin: "case c", isOptional: true)
    let firm = ConfigWish("A", .either, origin: "suite s")
    #expect(optional.joined(with: firm) == ConfigWish("A", .module, origin: "suite s"))
    #expect(firm.joined(with: optional)?.isOptional == false)
    #expect(optional.joined(with: optional)?.isOptional == true)
    let absent = ConfigWish("A", origin: "case d", mayBeAbsent: true)
    #expect(absent.joined(with: absent)?.mayBeAbsent == true)
    for joined in [absent.joined(with: firm), firm.joined(with: absent)] {
      #expect(joined?.mayBeAbsent == false && joined?.origin == firm.origin)
    }
    for joined in [absent.joined(with: optional), optional.joined(with: absent)] {
      #expect(joined?.mayBeAbsent == true && joined?.isOptional == false && joined?.origin == "case d")
    }
  }

  @Test func aWishReplacesTheBase() {
    let wishes = ConfigWishes(
      own: [],
      asked: [
        ConfigWish("A", .builtIn, origin: "o"), ConfigWish("B", .off, origin: "o"),
        ConfigWish("N", .text("\"x\""), origin: "o"),
      ])
    let merged = wishes.merged(
      into: "# head\n# CONFIG_A is not set\nCONFIG_AB=y\nCONFIG_B=y\nCONFIG_N=\"y\"\n\n")
    #expect(merged == "# head\nCONFIG_AB=y\nCONFIG_A=y\n# CONFIG_B is not set\nCONFIG_N=\"x\"\n")
  }

  @Test func whatIsGranted() {
    let config = KernelConfig(parsing: "CONFIG_Y=y\nCONFIG_M=m\nCONFIG_N=3\nCONFIG_S=\"a\"\n")
    let granted: [(String, ConfigWish.Value, Bool)] = [
      ("Y", .either, true), ("M", .either, true), ("X", .either, false), ("Y", .module, false), ("M", .module, true),
      ("M", .builtIn, false), ("Y", .loadable, true), ("X", .off, true), ("M", .off, false), ("N", .text("3"), true),
      ("N", .text("4"), false), ("S", .text("\"a\""), true),
    ]
    for (symbol, value, expected) in granted {
      #expect(ConfigWish(symbol, value, origin: "o").isGranted(by: config) == expected, "\(symbol) \(value)")
    }
  }

  @Test func theHarnessAsksForNothingTwice() {
    let symbols = GuestNeeds.table.flatMap(\.symbols)
    #expect(Set(symbols).count == symbols.count && symbols.count > 40)
    #expect(GuestNeeds.table.allSatisfy { !$0.reason.isEmpty })
  }
}
