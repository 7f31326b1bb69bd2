import KTestValues

/// The kernel's headers for user space, made by its own `make headers`: a kernel's tests need declarations that the C
/// library's older or newer copy does not have.
struct SelftestHeaders: Sendable, Equatable {
  /// The folder for the compiler's `-isystem`.
  var folder: String
  /// The SHA-256 of all headers.
  var identity: String

  private static let architecture = ELFMachine.host.triplet.hasPrefix("aarch64") ? "arm64" : "x86"

  /// The input of `make headers`. It is copied and built in the copy: make refuses `O=` for a tree that was built in
  /// place, and nothing may be written into the user's tree.
  package static let parts =
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
    let advice = "'apt-get install make gcc libc6-dev', or the equivalent on your system"
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

  /// Returns a digest of names and contents of the headers in a folder; make's own files in it are removed.
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
