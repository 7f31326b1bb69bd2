import KTestValues

/// The location of a project's source as given by a suite parameter: a folder, or a git URL with an optional revision.
enum CheckoutLocation: Sendable, Equatable {
  case folder(String)
  case git(url: String, revision: String?)

  /// Parses `PATH`, `https://host/project.git`, `https://host/project.git@v81`, `user@host:project.git@v81`.
  init(_ text: String) {
    let path: String.Index?
    if let scheme = text.firstRange(of: "://") {
      path = text[scheme.upperBound...].firstIndex(of: "/")
    } else if let at = text.firstIndex(of: "@"), let colon = text[at...].firstIndex(of: ":"),
      !text[..<colon].contains("/")
    {
      path = colon
    } else {
      self = .folder(text)
      return
    }
    guard let path, let at = text[path...].firstIndex(of: "@") else {
      self = .git(url: text, revision: nil)
      return
    }
    self = .git(url: String(text[..<at]), revision: String(text[text.index(after: at)...]))
  }
}

/// A checkout on this host.
struct SourceCheckout: Sendable, Equatable {
  var folder: String
  /// The identity for a run's manifest: a commit, or the folder with the fingerprint of its files.
  var identity: String
}

extension LayerBuild {
  /// Returns the checkout that a parameter names. A git URL is cloned once per requested revision; its folder in the
  /// cache does not change after that.
  ///
  /// Throws `parameterInvalid` for a folder that does not exist and a URL or revision that git cannot fetch.
  func checkout(_ parameter: String, value: String, title: String) async throws -> SourceCheckout {
    switch CheckoutLocation(value) {
    case .folder(let path):
      guard let real = Files.real(path), FileStamp(real)?.isDirectory == true else {
        throw ImageError.parameterInvalid(
          name: parameter, value: value, reason: "no such folder; give a checkout or a git URL")
      }
      return SourceCheckout(folder: real, identity: "\(real) \(Files.fingerprint(tree: real))")
    case .git(let url, let revision):
      guard revision.map(Git.isFetchable) ?? true, !url.hasPrefix("-") else {
        throw ImageError.parameterInvalid(name: parameter, value: value, reason: "this is not a git revision")
      }
      return try await clone(url, revision, parameter: parameter, value: value, title: title)
    }
  }

  private func clone(
    _ url: String, _ revision: String?, parameter: String, value: String, title: String
  ) async throws -> SourceCheckout {
    // The secret is not part of the identity: the record of a run has the URL without it and still finds the clone.
    let name = withoutSecrets(url)
    let folder = "\(cache.root)/git/\(LayerBuild.key([name, revision ?? "HEAD"]))"
    let commit = folder + "/commit"
    if let known = try? Files.text(commit) { return SourceCheckout(folder: folder + "/source", identity: known) }
    if url.contains("***") {
      throw ImageError.parameterInvalid(
        name: parameter, value: value,
        reason: "the secret of this URL is not stored, and the cache no longer has a clone of it; "
          + "run 'ktest image build' with --set and the complete URL")
    }
    progress(ImageStep(layer: title, action: "cloning \(name)"))
    let work = cache.temporary()
    try Files.makeDirectory(work + "/source")
    defer { Files.remove(work) }
    @discardableResult
    func run(_ arguments: [String], mayFail: Bool = false) async throws -> Git.Result {
      let result = try await git(arguments, in: work + "/source", title: title)
      guard result.succeeded || mayFail else {
        throw ImageError.checkoutFailed(
          name: parameter, value: value, lines: Array(HostTool.lines(of: result.complaint).suffix(6)))
      }
      return result
    }
    try await run(["init", "--quiet"])
    let wanted = revision ?? "HEAD"
    if try await run(["fetch", "--quiet", "--depth=1", "--", url, wanted], mayFail: true).succeeded {
      try await run(["checkout", "--quiet", "--detach", "FETCH_HEAD"])
    } else {
      // Some servers do not serve a single commit by its hash.
      try await run(["fetch", "--quiet", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*"])
      let isBranch = try await run(["rev-parse", "--verify", "--quiet", "origin/" + wanted], mayFail: true).succeeded
      try await run(["checkout", "--quiet", "--detach", isBranch ? "origin/" + wanted : wanted, "--"])
    }
    let head = try await run(["rev-parse", "HEAD"]).text.split(separator: "\n").first.map(String.init) ?? ""
    try cache.write(work + "/commit") { writer in try writer.write(Array("\(name) \(head)".utf8)) }
    Files.remove(work + "/source/.git/FETCH_HEAD")
    try cache.move(work, to: folder)
    return SourceCheckout(folder: folder + "/source", identity: "\(name) \(head)")
  }

  private func git(_ arguments: [String], in folder: String, title: String) async throws -> Git.Result {
    do {
      return try await Git.run(arguments, in: folder, fetches: arguments.first == "fetch")
    } catch GitFailure.missing {
      throw ImageError.toolMissing(tool: "git", layer: title, advice: "'apt-get install git', or give a folder")
    }
  }
}
