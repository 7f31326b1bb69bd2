/// The kernel's headers for user space, made by the kernel's own `make headers`: the tests of a kernel need what the C
/// library's copy, which is older or newer, does not have.
struct SelftestHeaders: Sendable, Equatable {
  /// To be given to the compiler by `-isystem`.
  var folder: String
  /// SHA-256 over all of them.
  var identity: String

  private static let architecture = ELFMachine.host.triplet.hasPrefix("aarch64") ? "arm64" : "x86"

  /// What `make headers` reads. It is copied and made in the copy: `O=` is refused for a tree that was built in place,
  /// and nothing may be written into the user's.
  static let parts =
    ["Makefile", "Kbuild", "scripts", "include/uapi", "include/asm-generic", "tools/include"]
    + ["Makefile", "Makefile.um", "Makefile_32.cpu", "include/uapi", "include/asm/Kbuild", "entry/syscalls", "tools"]
    .map { "arch/\(architecture)/\($0)" }

  static func command(in folder: String) -> [String] {
    ["-s", "-C", folder, "ARCH=\(architecture)", "CROSS_COMPILE=", "O=", "headers"]
  }
}

extension LayerBuild {
  func kernelHeaders(of tree: SelftestTree, title: String) async throws -> SelftestHeaders {
    let states = SelftestHeaders.parts.map { part -> String in
      let path = tree.root + "/" + part
      guard let stamp = FileStamp(path) else { return "absent" }
      return stamp.isDirectory ? Files.fingerprint(tree: path) : stamp.text
    }
    let folder = cache.root + "/uapi"
    let memo = "\(folder)/\(LayerBuild.key(["headers 1"] + states)).sha256"
    func headers(_ identity: String) -> SelftestHeaders {
      SelftestHeaders(folder: "\(folder)/\(identity)", identity: identity)
    }
    if let identity = try? Files.text(memo), Files.exists(headers(identity).folder) { return headers(identity) }
    let advice = "'apt-get install make gcc libc6-dev', or the like of your system"
    let make = try HostTool.required("make", for: title, advice: advice)
    try cache.checkForMake(title)
    progress(ImageStep(layer: title, action: "making the headers of \(tree.name)"))
    let work = cache.temporary()
    try Files.makeDirectory(work)
    defer { Files.remove(work) }
    for part in SelftestHeaders.parts {
      let path = tree.root + "/" + part
      guard let stamp = FileStamp(path) else { continue }
      if stamp.isDirectory {
        try Files.makeDirectory(work + "/" + part)
        try SourceCopy(source: path, copy: work + "/" + part).refresh()
      } else {
        try Files.makeDirectory(Paths.parent(work + "/" + part))
        try cache.write(work + "/" + part) { writer in try writer.write(file: path, size: stamp.size) }
      }
    }
    let outcome = try await make.run(
      SelftestHeaders.command(in: work), cache: cache, environment: ["MAKEFLAGS": "", "KBUILD_OUTPUT": ""])
    let made = work + "/usr/include"
    guard outcome.succeeded, Files.exists(made + "/linux") else {
      throw ImageError.toolFailed(
        tool: "make headers of \(tree.root)", status: "\(outcome.status)", lines: outcome.lines(last: 12))
    }
    let identity = try digest(ofTree: made)
    try cache.move(made, to: headers(identity).folder)
    try cache.write(memo) { writer in try writer.write(Array(identity.utf8)) }
    return headers(identity)
  }

  /// Names and contents of the headers in a folder; what make keeps between them is taken away.
  private func digest(ofTree root: String) throws -> String {
    var hash = SHA256()
    var pending = [""]
    while let folder = pending.popLast() {
      for name in Files.list(root + folder) {
        let path = "\(folder)/\(name)"
        guard let stamp = FileStamp(root + path, followingLinks: false) else { continue }
        if stamp.isDirectory {
          pending.append(path)
        } else if !name.hasSuffix(".h") {
          Files.remove(root + path)
        } else {
          hash.update("\(path)\0\(stamp.size)\n")
          hash.update(try Files.read(root + path))
        }
      }
    }
    return hash.hex()
  }
}
