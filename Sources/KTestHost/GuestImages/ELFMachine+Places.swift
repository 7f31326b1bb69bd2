import KTestValues

/// The places of libraries in Debian's multiarch directories.
extension ELFMachine {
  var triplet: String {
    switch self {
    case .arm64: "aarch64-linux-gnu"
    case .riscv64: "riscv64-linux-gnu"
    default: "x86_64-linux-gnu"
    }
  }

  /// The directory for libraries that the host keeps outside of the loader's directories.
  var libraryDirectory: String { "/usr/lib/" + triplet }

  /// The loader's own directories, then those that only a host's ld.so.conf names.
  var searchPath: [String] {
    [
      "/usr/lib/" + triplet, "/usr/lib64", "/usr/lib", "/usr/local/lib/" + triplet, "/usr/local/lib64",
      "/usr/local/lib",
    ]
  }
}
