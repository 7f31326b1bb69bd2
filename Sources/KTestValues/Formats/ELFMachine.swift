/// An architecture, by its number in ELF files (`e_machine` of elf(5)).
package struct ELFMachine: Sendable, Equatable {
  package var number: Int

  package init(number: Int) { self.number = number }

  package static let x86_64 = ELFMachine(number: 62)
  package static let arm64 = ELFMachine(number: 183)
  package static let riscv64 = ELFMachine(number: 243)

  #if arch(arm64)
    static let host = arm64
  #elseif arch(riscv64)
    static let host = riscv64
  #else
    package static let host = x86_64
  #endif

  package var name: String {
    switch number {
    case 3: "i386"
    case 8: "MIPS"
    case 20, 21: "PowerPC"
    case 22: "s390x"
    case 40: "arm"
    case 62: "x86-64"
    case 183: "arm64"
    case 243: "riscv64"
    case 258: "loongarch"
    default: "machine number \(number)"
    }
  }
}
