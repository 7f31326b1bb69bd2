/// Where a suite parameter says that a project's source is: a folder, or a git URL with an optional revision.
enum CheckoutLocation: Sendable, Equatable {
  case folder(String)
  case git(url: String, revision: String?)

  /// Reads `PATH`, `https://host/project.git`, `https://host/project.git@v81`, `user@host:project.git@v81`.
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
  /// What it is, for a run's manifest: a commit, or the folder with the fingerprint of its files.
  var identity: String
}

extension LayerBuild {
  /// The checkout that a parameter names. A git URL is cloned once for each revision that is asked for; its folder in
  /// the cache stays as it is from then on.
  ///
  /// Throws `parameterInvalid` for a folder that does not exist and a URL or revision that git cannot fetch.
  func checkout(_ parameter: String, value: String, title: String) async throws -> SourceCheckout {
    switch CheckoutLocation(value) {
    case .folder(let path):
      guard let real = Files.real(path), FileStamp(real)?.isDirectory == true else {
        throw ImageError.parameterInvalid(
          name: parameter, value: value, reason: "there is no such folder; give a checkout or a git URL")
      }
      return SourceCheckout(folder: real, identity: "\(real) \(Files.fingerprint(tree: real))")
    case .git(let url, let revision):
      if revision?.hasPrefix("-") == true || revision?.isEmpty == true || url.hasPrefix("-") {
        throw ImageError.parameterInvalid(name: parameter, value: value, reason: "this is no revision of git")
      }
      return try await clone(url, revision, parameter: parameter, value: value, title: title)
    }
  }

  private func clone(
    _ url: String, _ revision: String?, parameter: String, value: String, title: String
  ) async throws -> SourceCheckout {
    let folder = "\(cache.root)/git/\(LayerBuild.key([url, revision ?? "HEAD"]))"
    let commit = folder + "/commit"
    if let known = try? Files.text(commit) { return SourceCheckout(folder: folder + "/source", identity: known) }
    let git = try HostTool.required("git", for: title, advice: "'apt-get install git', or give a folder")
    progress(ImageStep(layer: title, action: "cloning \(value)"))
    let work = cache.temporary()
    try Files.makeDirectory(work + "/source")
    defer { Files.remove(work) }
    // No question may wait for an answer: nobody sees it.
    let environment = ["GIT_TERMINAL_PROMPT": "0", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes"]
    @discardableResult
    func run(_ arguments: [String], mayFail: Bool = false) async throws -> HostTool.Outcome {
      let outcome = try await git.run(
        ["-C", work + "/source"] + arguments, cache: cache, environment: environment)
      guard outcome.succeeded || mayFail else {
        throw ImageError.checkoutFailed(name: parameter, value: value, lines: outcome.lines(last: 6))
      }
      return outcome
    }
    try await run(["init", "--quiet"])
    let wanted = revision ?? "HEAD"
    if try await run(["fetch", "--quiet", "--depth=1", "--", url, wanted], mayFail: true).succeeded {
      try await run(["checkout", "--quiet", "--detach", "FETCH_HEAD"])
    } else {
      // Some servers give no single commit by its number.
      try await run(["fetch", "--quiet", "--tags", "--", url, "+refs/heads/*:refs/remotes/origin/*"])
      let isBranch = try await run(["rev-parse", "--verify", "--quiet", "origin/" + wanted], mayFail: true).succeeded
      try await run(["checkout", "--quiet", "--detach", isBranch ? "origin/" + wanted : wanted, "--"])
    }
    let head = try await run(["rev-parse", "HEAD"]).output.split(separator: "\n").first.map(String.init) ?? ""
    try cache.write(work + "/commit") { writer in try writer.write(Array("\(url) \(head)".utf8)) }
    try cache.move(work, to: folder)
    return SourceCheckout(folder: folder + "/source", identity: "\(url) \(head)")
  }
}
