import KTestValues

/// The Kconfig files of a tree and a `.config`: what is read, and the explanations that are made of it.
struct KconfigFuzz: FuzzTarget {
  static let name = "kconfig"
  private let mutator: Mutator

  private static let words = [
    "config ", "menuconfig ", "menu \"x\"\n", "endmenu\n", "choice\n", "endchoice\n", "if A\n", "endif\n", "if ",
    "comment \"x\"\n",
    "source \"Kconfig\"\n", "source \"mm/Kconfig\"\n", "rsource \"Kconfig.*\"\n",
    "source \"arch/$(SRCARCH)/Kconfig\"\n",
    "\tdepends on ", "\tvisible if ", "\tselect ", " if ", "\tbool \"x\"\n", "\ttristate\n", "\tint\n", "\thelp\n",
    "\tdefault y\n",
    "\tdef_bool y\n", "X := y\n", "X += $(X)\n", "$(X)", "$(cc-option,-m)", "(", ")", "!", " && A", " || B", " = y",
    " != n",
    " <= 5", "\"", "'", "\\\n", "#", "=== Kconfig\n", "=== .config\n", "CONFIG_A=", "CONFIG_A=y\n",
    "CONFIG_A=\"\\\\\\\"\n",
    "# CONFIG_A is not set\n", "0x7fffffffffffffff",
  ]

  private static let top = """
    mainmenu "Linux"
    X := arch
    config CC_HAS
    \tdef_bool $(cc-option,-fno-x)
    source "$(X)/$(SRCARCH)/Kconfig"
    source "mm/Kconfig"
    """
  private static let arch = """
    config X86
    \tdef_bool y
    \tselect HAVE_A if CC_HAS
    config HAVE_A
    \tbool
    """
  private static let mm = """
    menu "Memory"
    \tvisible if EXPERT
    config EXPERT
    \tbool "Expert" if !(A && B) || X86 = y
    config A
    \ttristate "A"
    \tdepends on HAVE_A && (B || !C) && D != n
    \tselect D if B
    \thelp
    \t  Text with config B
    \t  in it.
    if A
    choice
    \tprompt "one"
    config B
    \tbool "B"
    config C
    \tbool "C" if EXPERT
    endchoice
    config SIZE
    \tint "Size" if A
    \trange 1 64
    \tdefault 8
    config D
    \ttristate
    \tdepends on SIZE > 4 \\
    \t  && X86
    endif
    endmenu
    """
  private static let config = """
    CONFIG_X86=y
    CONFIG_HAVE_A=y
    # CONFIG_A is not set
    CONFIG_D=m
    CONFIG_SIZE=8
    CONFIG_NAME="a \\"b\\" \\\\"
    CONFIG_ADDRESS=0x1000

    """

  init(_ files: SeedFiles) {
    let whole: [(name: String, text: String)] = [
      ("Kconfig", Self.top), ("arch/x86/Kconfig", Self.arch), ("mm/Kconfig", Self.mm), (".config", Self.config),
    ]
    mutator = Mutator(
      seeds: [JoinedFiles.join(whole), JoinedFiles.join([("Kconfig", Self.mm), (".config", Self.config)])],
      words: Self.words)
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) -> String? {
    let files = JoinedFiles.split(input)
    let config = KernelConfig(parsing: files[".config"] ?? [])
    if let problem = problem(with: config) { return problem }
    let tree = KconfigTree { files[$0] }
    var names = tree.symbols.keys.sorted()
    if let problem = names.first(where: { PlainText.control(in: $0) != nil }) { return "the symbol \(problem)" }
    names.append("NO_SUCH")
    for _ in 0..<8 {
      let wishes = (0..<3).map { _ in wish(names, &dice) }
      let all = ConfigWishes(own: [], asked: wishes)
      for wish in wishes {
        let shortfall = tree.shortfall(wish, in: config, wishes: all)
        let size = shortfall.description.utf8.count + shortfall.sentence.utf8.count
        if size > (1 << 20) + 64 * input.count { return "\(size) bytes say why \(wish.symbol) cannot be had" }
        let added = tree.supplement(for: wish, in: config, wishes: all) ?? []
        if added.contains(where: { tree.symbols[$0.symbol] == nil }) {
          return "what is to be added is not there: \(added)"
        }
        if added.contains(where: { $0.value == .off }) { return "something is to be switched off: \(added)" }
      }
    }
    return nil
  }

  private func wish(_ names: [String], _ dice: inout Dice) -> ConfigWish {
    let values: [ConfigWish.Value] = [.either, .loadable, .builtIn, .module, .off, .text("8")]
    return ConfigWish(dice.pick(names), dice.pick(values), origin: "test")
  }

  /// A configuration that was written down is the same when it is read.
  private func problem(with config: KernelConfig) -> String? {
    let text = config.symbols.map { "CONFIG_\($0)=\(config.value(of: $0).text)\n" }.joined()
    let again = KernelConfig(parsing: text)
    if again.hash != config.hash {
      return "written and read, it is another configuration: \(config.differences(from: again))"
    }
    return config.symbols.allSatisfy { $0.utf8.allSatisfy { $0 > 32 && $0 < 127 } } ? nil : "a symbol's name"
  }
}
