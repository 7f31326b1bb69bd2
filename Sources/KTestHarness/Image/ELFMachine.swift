/// An architecture, with its names in ELF files and in Debian's multiarch directories.
struct ELFMachine: Sendable, Equatable {
  /// The `e_machine` of elf(5).
  var number: UInt16
  var triplet: String

  var name: String { ELFMachine.name(number) }
  /// The directory for libraries that the host keeps outside of the loader's own directories.
  var libraryDirectory: String { "/usr/lib/" + triplet }
  /// The loader's own directories, followed by those that only a host's ld.so.conf names.
  var searchPath: [String] {
    [
      "/usr/lib/" + triplet, "/usr/lib64", "/usr/lib", "/usr/local/lib/" + triplet, "/usr/local/lib64",
      "/usr/local/lib",
    ]
  }

  #if arch(arm64)
    static let host = ELFMachine(number: 183, triplet: "aarch64-linux-gnu")
  #elseif arch(riscv64)
    static let host = ELFMachine(number: 243, triplet: "riscv64-linux-gnu")
  #else
    static let host = ELFMachine(number: 62, triplet: "x86_64-linux-gnu")
  #endif

  static func name(_ number: UInt16) -> String {
    switch number {
    case 3: "i386"
    case 40: "arm"
    case 62: "x86-64"
    case 183: "arm64"
    case 243: "riscv64"
    default: "machine number \(number)"
    }
  }
}
