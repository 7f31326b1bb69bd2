/// The programs that build a kernel.
enum BuildTools {
  /// Programs and their Debian packages.
  static let packages = [
    ("make", "make"), ("gcc", "gcc"), ("ld", "binutils"), ("flex", "flex"), ("bison", "bison"), ("bc", "bc"),
    ("perl", "perl"), ("openssl", "openssl"), ("rsync", "rsync"), ("cpio", "cpio"), ("python3", "python3"),
    ("pahole", "pahole"),
  ]
  /// The programs that every kernel build needs, whatever its configuration.
  private static let needed = ["make", "gcc", "ld", "flex", "bison", "bc"]

  static func check() throws(KernelBuildError) {
    for name in needed where !isInstalled(name) {
      throw .toolMissing(tool: name, package: packages.first { $0.0 == name }?.1 ?? name)
    }
  }

  static func isInstalled(_ name: String) -> Bool { HostProgram.path(of: name) != nil }

  /// Returns compiler, assembler and linker with their versions.
  static func toolchain() async throws -> String {
    let gcc = try await Tool(name: "gcc", package: "gcc").run(["--version"], purpose: "build a kernel")
    let linker = try await Tool(name: "ld", package: "binutils").run(["--version"], purpose: "build a kernel")
    return [gcc, linker].map { $0.text.split(separator: "\n").first.map(String.init) ?? "unknown" }
      .joined(separator: ", ")
  }

  /// Returns what decides over a kernel, one program each: compiler and linker, pahole, and whether gcc has what its plugins need.
  static func equipment() async throws -> [String] {
    var words = [try await toolchain()]
    if isInstalled("pahole") {
      let version = try await Tool(name: "pahole", package: "pahole").run(["--version"], purpose: "build a kernel")
      words.append("pahole \(version.text.split(separator: "\n").first ?? "")")
    }
    let plugins = try await Tool(name: "gcc", package: "gcc").run(
      ["-print-file-name=plugin"], purpose: "build a kernel")
    let folder = plugins.text.split(separator: "\n").first.map(String.init) ?? ""
    if HostFiles.exists("\(folder)/include/plugin-version.h") { words.append("headers for gcc's plugins") }
    return words
  }

  /// The variables on the command line of `make` for ktest's build directories. The same source gives the same image:
  /// user, host and time do not go in, and the release does not depend on whether git has a tag.
  static var variables: [String] {
    ["LOCALVERSION=", "KBUILD_BUILD_USER=ktest", "KBUILD_BUILD_HOST=ktest", "KBUILD_BUILD_VERSION=1"]
      + ["KBUILD_BUILD_TIMESTAMP=Thu Jan  1 00:00:00 UTC 1970"] + (isInstalled("ccache") ? ["CC=ccache gcc"] : [])
  }

  /// Returns the environment of all processes below `make`. With debug information, ccache would hash the directory as
  /// well, and each configuration has its own. make calls git in the tree (scripts/setlocalversion): this git runs no
  /// program that the tree's repository configures.
  static func environment(for tree: String) async throws -> [String: String?] {
    let git = isInstalled("git") ? try await Git.environment(for: tree) : Git.environmentWithoutRepository
    let own: [String: String?] = [
      "LC_ALL": "C", "CCACHE_NOHASHDIR": "1", "MAKEFLAGS": nil, "MAKELEVEL": nil, "MFLAGS": nil, "KBUILD_OUTPUT": nil,
      "O": nil, "ARCH": nil, "CROSS_COMPILE": nil,
    ]
    return git.merging(own) { $1 }
  }
}
