import Testing

@testable import KTestValues

@Suite struct KconfigTests {
  private func value(_ text: String, _ config: String) -> Int? {
    KconfigExpression(text)?.value(KernelConfig(parsing: config))
  }

  @Test func expressionsAreTristate() {
    let config = "CONFIG_A=y\nCONFIG_M=m\nCONFIG_N=20\nCONFIG_S=\"x\"\n"
    #expect(value("A", config) == 2)
    #expect(value("M", config) == 1)
    #expect(value("MISSING", config) == 0)
    #expect(value("!M", config) == 1)
    #expect(value("A && M", config) == 1)
    #expect(value("A && (M || !A)", config) == 1)
    #expect(value("MISSING || A && !MISSING", config) == 2)
    #expect(value("M=m", config) == 2)
    #expect(value("M!=n", config) == 2)
    #expect(value("N >= 8", config) == 2)
    #expect(value("N > 0x20", config) == 0)
    #expect(value("S = \"x\"", config) == 2)
    #expect(value("A && $(cc-option,-mfoo(bar))", config) == nil)
    #expect(value("MISSING && $(success,true)", config) == 0)
  }

  @Test("what is no expression is refused", arguments: ["", "A &&", "(A", "A B", "&& A", "A =", ")", "!"])
  func broken(text: String) { #expect(KconfigExpression(text) == nil) }

  @Test func aDeepExpressionIsNoStackOverflow() {
    #expect(KconfigExpression(String(repeating: "(", count: 100_000)) == nil)
    #expect(KconfigExpression(String(repeating: "!", count: 100_000) + "A") == nil)
  }

  static let files = [
    "Kconfig": """
    mainmenu "Linux/$(ARCH)"
    comment "Compiler: $(CC_VERSION_TEXT)"
    source "arch/$(SRCARCH)/Kconfig"
    source "mm/Kconfig"
    rsource "lib/Kconfig"
    source "nowhere/Kconfig"
    """,
    "arch/x86/Kconfig": """
    config X86
    \tdef_bool y
    \tselect ARCH_HAS_IT if 64BIT
    config 64BIT
    \tbool "64-bit kernel"
    config ARCH_HAS_IT
    \tbool
    config NOBODY
    \tbool
    """,
    "mm/Kconfig": """
    menu "Memory Management options"
    \tdepends on X86

    config ZONE_DEVICE
    \tbool "Device memory (pmem, HMM, etc...) hotplug support"
    \tdepends on MEMORY_HOTPLUG
    \tdepends on \\
    \t\tMEMORY_HOTREMOVE && ARCH_HAS_IT
    \thelp
    \t  Help that looks like code:

    \t  config NOT_A_SYMBOL
    \t    bool "no"

    menuconfig MEMORY_HOTPLUG
    \tbool "Allow for memory hot-add"
    if MEMORY_HOTPLUG
    config MEMORY_HOTREMOVE
    \tbool "Allow for memory hot remove" if 64BIT
    endif
    config DEVICE_PRIVATE
    \tbool "Unaddressable device memory (GPU memory, ...)"
    \tdepends on ZONE_DEVICE
    choice
    \tprompt "Default"
    config THP_ALWAYS
    \tbool "always"
    config THP_MADVISE
    \tbool "madvise"
    endchoice
    endmenu
    """,
    "lib/Kconfig": """
    config TEST_HMM
    \ttristate "Test HMM (Heterogeneous Memory Management)"
    \tdepends on DEVICE_PRIVATE
    \tselect HMM_MIRROR
    config HMM_MIRROR
    \tbool
    config BROKEN_THING
    \tbool "x" if !X86
    config LEVEL
    \tint "how much"
    \tdepends on !EMBEDDED_THING
    config EMBEDDED_THING
    \tbool "embedded"
    config NEEDS_MACRO
    \tbool "y"
    \tdepends on $(cc-option,-mfuture)
    config ARCH_SUPPORTS_MF
    \tbool
    config X86_SUPPORTS_MF
    \tdef_bool y
    \tdepends on X86_MCE
    \tselect ARCH_SUPPORTS_MF
    config X86_MCE
    \tbool "machine checks"
    config MEMORY_FAILURE
    \tbool "recovery"
    \tdepends on ARCH_SUPPORTS_MF
    config EITHER_WAY
    \ttristate "z"
    \tdepends on BROKEN_THING || TEST_HMM
    """,
  ]

  static var tree: KconfigTree { KconfigTree { files[$0].map { Array($0.utf8) } } }

  @Test func blocksAreRead() throws {
    let tree = Self.tree
    #expect(tree.symbols["NOT_A_SYMBOL"] == nil)
    let zone = try #require(tree.symbols["ZONE_DEVICE"]?.definitions.first)
    #expect(zone.place == KconfigPlace(file: "mm/Kconfig", line: 4))
    #expect(zone.depends.map(\.expression.description) == ["X86", "MEMORY_HOTPLUG", "MEMORY_HOTREMOVE && ARCH_HAS_IT"])
    let remove = try #require(tree.symbols["MEMORY_HOTREMOVE"]?.definitions.first)
    #expect(remove.depends.map(\.expression.description) == ["X86", "MEMORY_HOTPLUG"])
    #expect(remove.promptConditions.map(\.expression.description) == ["64BIT"])
    // After `endif` the condition is gone, and after `endmenu` the menu's.
    #expect(tree.symbols["DEVICE_PRIVATE"]?.definitions.first?.depends.count == 2)
    #expect(tree.symbols["TEST_HMM"]?.definitions.first?.depends.count == 1)
    #expect(tree.symbols["HMM_MIRROR"]?.selections.map(\.by) == ["TEST_HMM"])
    #expect(tree.symbols["TEST_HMM"]?.kind == .tristate && tree.symbols["LEVEL"]?.kind == .int)
    #expect(tree.symbols["ARCH_HAS_IT"]?.selections.first?.condition?.description == "64BIT")
  }

  @Test func aTreeThatSourcesItselfEnds() {
    let tree = KconfigTree { _ in Array("source \"Kconfig\"\nconfig A\n\tbool \"a\"\n".utf8) }
    #expect(tree.symbols["A"] != nil)
  }

  private func shortfall(_ wish: ConfigWish, _ config: String, asked: [ConfigWish] = []) -> String {
    let wishes = ConfigWishes(own: [], asked: asked + [wish])
    return "\(Self.tree.shortfall(wish, in: KernelConfig(parsing: config), wishes: wishes))"
  }

  @Test func aChainOfDependenciesIsFollowed() {
    let text = shortfall(
      ConfigWish("TEST_HMM", .module, origin: "suite hmm-tests"),
      "CONFIG_X86=y\nCONFIG_64BIT=y\nCONFIG_ARCH_HAS_IT=y\n",
      asked: [ConfigWish("MEMORY_HOTPLUG", .off, origin: "my.config:3")])
    #expect(
      text == """
        TEST_HMM=m, requested by suite hmm-tests, is not set
          lib/Kconfig:3: depends on DEVICE_PRIVATE, which is off
            mm/Kconfig:23: depends on ZONE_DEVICE, which is off
              mm/Kconfig:6: depends on MEMORY_HOTPLUG, which is off
                MEMORY_HOTPLUG is switched off by my.config:3
              mm/Kconfig:7: depends on MEMORY_HOTREMOVE, which is off
                mm/Kconfig:17: depends on MEMORY_HOTPLUG, which is off
                  MEMORY_HOTPLUG is switched off by my.config:3
        """)
  }

  @Test(
    "the reason is named",
    arguments: [
      (ConfigWish("TEST_HMN", origin: "o"), "this tree has no symbol TEST_HMN for x86; did you mean 'TEST_HMM'?"),
      (ConfigWish("DEVICE_PRIVATE", .module, origin: "o"), "it is a bool, which cannot be a module"),
      (ConfigWish("HMM_MIRROR", origin: "o"), "it has no prompt; TEST_HMM would select it"),
      (ConfigWish("NOBODY", origin: "o"), "it has no prompt, and nothing selects it"),
      (ConfigWish("BROKEN_THING", origin: "o"), "depends on !X86, and X86 is y"),
      (ConfigWish("THP_MADVISE", origin: "o"), "it belongs to a choice, and THP_ALWAYS is selected"),
      (ConfigWish("NEEDS_MACRO", origin: "o"), "which this compiler does not satisfy"),
      (ConfigWish("ARCH_HAS_IT", .off, origin: "o"), "X86, which is y, selects it"),
      (ConfigWish("X86", .text("3"), origin: "o"), "it is a bool and takes y, m or n"),
    ])
  func reasons(wish: ConfigWish, reason: String) {
    let text = shortfall(
      wish, "CONFIG_X86=y\nCONFIG_64BIT=y\nCONFIG_ARCH_HAS_IT=y\nCONFIG_THP_ALWAYS=y\n")
    #expect(text.contains(reason), "\(text)")
  }

  private func supplement(_ wish: ConfigWish, _ config: String, asked: [ConfigWish] = []) -> [String]? {
    let wishes = ConfigWishes(own: [], asked: asked + [wish])
    return Self.tree.supplement(for: wish, in: KernelConfig(parsing: config), wishes: wishes)?.map(\.symbol)
  }

  @Test func whatIsMissingIsFound() {
    let config = "CONFIG_X86=y\nCONFIG_64BIT=y\nCONFIG_ARCH_HAS_IT=y\n"
    let wish = ConfigWish("TEST_HMM", .module, origin: "o")
    #expect(
      supplement(wish, config) == ["MEMORY_HOTPLUG", "MEMORY_HOTREMOVE", "ZONE_DEVICE", "DEVICE_PRIVATE"])
    // A symbol without a prompt comes with what selects it.
    #expect(
      supplement(ConfigWish("ZONE_DEVICE", origin: "o"), "CONFIG_X86=y\n")
        == ["MEMORY_HOTPLUG", "64BIT", "MEMORY_HOTREMOVE"])
    // By a default that selects it.
    #expect(supplement(ConfigWish("MEMORY_FAILURE", origin: "o"), config) == ["X86_MCE"])
    // Of an alternative the one that can be had.
    #expect(
      supplement(ConfigWish("EITHER_WAY", origin: "o"), config + "CONFIG_DEVICE_PRIVATE=y\n") == ["TEST_HMM"])
    // What somebody has switched off stays off, and what is impossible has no supplement.
    #expect(supplement(wish, config, asked: [ConfigWish("ZONE_DEVICE", .off, origin: "f:1")]) == nil)
    #expect(supplement(ConfigWish("BROKEN_THING", origin: "o"), config) == nil)
    #expect(supplement(ConfigWish("LEVEL", .text("3"), origin: "o"), config + "CONFIG_EMBEDDED_THING=y\n") == nil)
    #expect(supplement(ConfigWish("HMM_MIRROR", origin: "o"), config) == nil)
  }

  @Test("a random text is read without harm", arguments: 0..<20)
  func hostile(seed: Int) {
    var state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1
    let words = [
      "config ", "if ", "endif", "\n", "menu ", "endmenu", "\t", "help", "depends on ", "(", "&&", "A", "\"", "\\",
      "\u{0}",
    ]
    var text = ""
    for _ in 0..<2000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += words[Int(state >> 33) % words.count]
    }
    let tree = KconfigTree { $0 == "Kconfig" ? Array(text.utf8) : nil }
    let wish = ConfigWish("A", origin: "o")
    #expect(
      "\(tree.shortfall(wish, in: KernelConfig(parsing: ""), wishes: ConfigWishes(own: [], asked: [wish])))"
        .hasPrefix("A, requested by o, is not set"))
  }
}
