import Testing

@testable import KTestValues

struct KernelConfigTests {
  private let config = KernelConfig(
    parsing: """
      #
      # Automatically generated file; DO NOT EDIT.
      #
      CONFIG_64BIT=y
      CONFIG_DEV_DAX=m
      # CONFIG_MEMORY_FAILURE is not set
      CONFIG_NR_CPUS=64
      CONFIG_PHYSICAL_START=0x1000000
      CONFIG_LOCALVERSION="-a \\"b\\" \\\\"
      CONFIG_EMPTY=""

      rubbish
      CONFIG_=y
      CONFIG_BAD NAME=y
      """)

  @Test func everyKindOfValue() {
    #expect(config.value(of: "64BIT") == .yes)
    #expect(config.value(of: "CONFIG_DEV_DAX") == .module)
    #expect(config.value(of: "MEMORY_FAILURE") == .no)
    #expect(config.value(of: "NEVER_HEARD_OF") == .no)
    #expect(config.value(of: "NR_CPUS") == .number("64"))
    #expect(config.value(of: "PHYSICAL_START") == .number("0x1000000"))
    #expect(config.value(of: "LOCALVERSION") == .string("-a \"b\" \\"))
    #expect(config.value(of: "EMPTY") == .string(""))
    #expect(config.symbols.contains("BAD NAME") == false)
  }

  @Test func itsTextIsReadAgain() {
    #expect(KernelConfig(parsing: config.text) == config)
    #expect(config.text.contains("# CONFIG_MEMORY_FAILURE is not set\n") && config.text.hasPrefix("CONFIG_64BIT=y\n"))
  }

  @Test func enabledMeansBuiltInOrModule() {
    #expect(config.isEnabled("64BIT"))
    #expect(config.isEnabled("DEV_DAX"))
    #expect(!config.isEnabled("MEMORY_FAILURE"))
    #expect(!config.isEnabled("NR_CPUS"))
  }

  @Test func theHashIsOfTheMeaning() {
    let one = KernelConfig(parsing: "CONFIG_A=y\nCONFIG_B=\"x\\\"y\"\n")
    let same = KernelConfig(parsing: "# a comment\r\nCONFIG_B=\"x\\\"y\"\r\nCONFIG_A=n\nCONFIG_A=y")
    #expect(one.hash == same.hash)
    #expect(one.hash == SHA256.hex(of: "CONFIG_A=y\nCONFIG_B=\"x\\\"y\"\n"))
    #expect(one.hash != KernelConfig(parsing: "CONFIG_A=m\nCONFIG_B=\"x\\\"y\"\n").hash)
  }

  @Test func rubbishIsNoConfigurationAndNoCrash() {
    let bytes: [UInt8] = [0xff, 0xfe, 0, 10] + Array("CONFIG_A=\"".utf8) + [0xc3] + [UInt8](repeating: 92, count: 9)
    #expect(KernelConfig(parsing: bytes).symbols == ["A"])
    #expect(KernelConfig(parsing: "# CONFIG_ is not set\n# \n#\nCONFIG_X").symbols.isEmpty)
  }

  @Test func requirementsNameTheSymbol() throws {
    let wanted = ["64BIT", "DEV_DAX=m", "CONFIG_MEMORY_FAILURE", "DEV_DAX=y", "64BIT=m", "TEST_HMM=m", "EMPTY"]
    let required = try wanted.map { try #require(WantedSymbol(parsing: $0)) }
    #expect(
      config.missingSymbols(required: required) == [
        "CONFIG_MEMORY_FAILURE is not set",
        "CONFIG_DEV_DAX is a module (m), but must be built in (y)",
        "CONFIG_64BIT is built in (y), but must be a module (m)",
        "CONFIG_TEST_HMM is not set, but must be m",
        "CONFIG_EMPTY is empty",
      ])
    for bad in ["", "=y", "A=x", "A B", "A="] { #expect(WantedSymbol(parsing: bad) == nil) }
  }
}
