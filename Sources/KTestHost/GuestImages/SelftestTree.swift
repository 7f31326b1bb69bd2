import KTestValues

/// A kernel's source, or the part of it that its selftests need.
struct SelftestTree: Sendable, Equatable {
  /// The path without symbolic links.
  var root: String
  /// The name for messages, for example `linux 6.12.117`.
  var name: String
  /// The identity for the manifest of a run.
  var identity: String
}

extension LayerBuild {
  /// Returns the first origin that has the folder of selftests.
  ///
  /// Throws `folderMissing` if there are sources and none of them has it, and `sourceMissing` with a reason for each origin if
  /// there is none, or if one could not be fetched.
  func selftestTree(_ folder: String, from: [SelftestOrigin], title: String) async throws -> SelftestTree {
    var reasons: [String] = []
    var lacking: [String] = []
    var failed = false
    for origin in LayerBuild.origins(from, of: kernel) {
      switch origin {
      case .tree:
        if let tree = sourceOfKernel(folder, &reasons, &lacking) { return tree }
      case .debian(let package):
        do {
          if let reason = reasons.last { progress(ImageStep(layer: title, action: "taking \(origin); \(reason)")) }
          let (root, version) = try await debianSource(package, title: title)
          if Files.exists("\(root)/tools/testing/selftests/\(folder)") {
            return SelftestTree(
              root: root, name: SelftestTree.name(of: root), identity: "source \(origin): \(package)=\(version)")
          }
          reasons.append("\(origin): version \(version) has no tools/testing/selftests/\(folder)")
          lacking.append(root)
        } catch let error as ImageError {
          if case .diskFull = error { throw error }
          reasons.append("\(origin): \(error)")
          if case .packageUnknown = error {} else { failed = true }
        }
      }
    }
    guard let first = lacking.first, !failed else { throw ImageError.sourceMissing(layer: title, reasons: reasons) }
    throw ImageError.folderMissing(
      path: "tools/testing/selftests/\(folder)", trees: lacking.map(SelftestTree.name),
      near: Suggestion.nearest(to: folder, in: HostFiles.names(in: "\(first)/tools/testing/selftests")))
  }

  /// The origins for a kernel. Where it has no tree, the source package of its own version takes that place.
  static func origins(_ from: [SelftestOrigin], of kernel: ImageKernel?) -> [SelftestOrigin] {
    guard let kernel, kernel.source == nil, let package = kernel.sourcePackage else { return from }
    return from.map { $0 == .tree ? .debian(package) : $0 }.reduce(into: []) { origins, origin in
      if !origins.contains(origin) { origins.append(origin) }
    }
  }

  private func sourceOfKernel(_ folder: String, _ reasons: inout [String], _ lacking: inout [String]) -> SelftestTree? {
    guard let kernel else {
      reasons.append("tree: no kernel was given")
      return nil
    }
    guard let source = kernel.source else {
      reasons.append("tree: the kernel \(kernel.label) has no source; use one from a build directory")
      return nil
    }
    guard let root = Files.real(source), Files.exists("\(root)/tools/testing/selftests/\(folder)") else {
      reasons.append("tree: '\(source)' has no tools/testing/selftests/\(folder)")
      // A directory without any tests is no tree.
      if Files.exists("\(source)/tools/testing/selftests") { lacking.append(source) }
      return nil
    }
    let commit = SelftestTree.commit(of: root).map { ", git commit \($0) and changes since then" } ?? ""
    return SelftestTree(
      root: root, name: SelftestTree.name(of: root),
      identity: "source tree: \(SelftestTree.name(of: root)) at \(root)\(commit)")
  }
}

extension SelftestTree {
  /// Returns `linux 6.12.117` from the Makefile at the top.
  static func name(of root: String) -> String {
    let text = (try? Files.text(root + "/Makefile")) ?? ""
    var values: [Substring: Substring] = [:]
    for line in text.split(separator: "\n").prefix(12) {
      let parts = line.split(separator: "=", maxSplits: 1).map { $0.split(separator: " ").first ?? "" }
      if parts.count == 2 { values[parts[0]] = parts[1] }
    }
    guard let version = values["VERSION"], let level = values["PATCHLEVEL"] else { return "the kernel's source" }
    let sublevel = values["SUBLEVEL"].map { $0 == "0" || $0.isEmpty ? "" : ".\($0)" } ?? ""
    return "linux \(version).\(level)\(sublevel)\(values["EXTRAVERSION"] ?? "")"
  }

  /// Returns the commit that is checked out, read without starting git, which would look at every file; nil if it is
  /// not a checkout.
  static func commit(of root: String) -> String? {
    var folder = root + "/.git"
    if let link = try? Files.text(folder), link.hasPrefix("gitdir: ") {
      let path = link.dropFirst(8).split(separator: "\n").first.map(String.init) ?? ""
      folder = path.hasPrefix("/") ? path : root + "/" + path
    }
    func word(_ file: String) -> String? {
      (try? Files.text(file))?.split(whereSeparator: \.isWhitespace).first.map(String.init)
    }
    guard let head = (try? Files.text(folder + "/HEAD"))?.split(separator: "\n").first else { return nil }
    guard head.hasPrefix("ref: ") else { return isCommit(head) ? String(head) : nil }
    let name = String(head.dropFirst(5))
    let common = word(folder + "/commondir").map { $0.hasPrefix("/") ? $0 : folder + "/" + $0 } ?? folder
    if let commit = word("\(common)/\(name)"), isCommit(commit) { return commit }
    let packed = ((try? Files.text(common + "/packed-refs")) ?? "").split(separator: "\n")
    return packed.first { $0.hasSuffix(" " + name) }?.split(separator: " ").first.map(String.init)
  }

  private static func isCommit(_ text: some StringProtocol) -> Bool {
    text.utf8.count >= 40 && text.allSatisfy(\.isHexDigit)
  }
}
