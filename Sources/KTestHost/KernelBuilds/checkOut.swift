/// Puts a commit of a user's repository into ktest's checkout.
///
/// It does not write to the user's repository, not even to its list of worktrees: the checkout is a separate repository
/// that borrows the objects (`objects/info/alternates`). There is one for each repository, so that going from commit to
/// commit changes only the files that differ, and a build in the same directory is incremental. The caller holds the
/// lock of the repository as long as the files have to stay.
func checkOut(
  _ commit: String, of objects: (path: String, format: String), into directory: String, cache: KernelBuildCache
) async throws {
  let marker = "\(directory).commit"
  if cache.text(marker) == commit, HostFiles.exists("\(directory)/Makefile") { return }
  try cache.makeDirectory(directory)
  KernelFiles.remove(marker)
  let git = GitTree(asking: directory)
  func run(_ arguments: [String]) async throws {
    let result = try await git.run(arguments)
    guard result.succeeded else {
      let reason = GitTree.complaint(result)
      if GitTree.isDiskFull(result) { throw KernelBuildError.diskFull(path: directory) }
      throw KernelBuildError.fetchFailed(source: "commit \(commit)", reason: "git \(arguments[0]): \(reason)")
    }
  }
  if !HostFiles.exists("\(directory)/.git/HEAD") {
    try await run(["init", "--quiet", "--object-format=\(objects.format)"])
  }
  try cache.write("\(objects.path)\n", to: "\(directory)/.git/objects/info/alternates")
  // A killed checkout may have left this.
  KernelFiles.remove("\(directory)/.git/index.lock")
  try await run(["checkout", "--quiet", "--force", "--detach", commit])
  try await run(["clean", "--quiet", "-ffdx"])
  try cache.write(commit, to: marker)
}

extension GitTree {
  /// Whether git failed because a disk is full, which it tells only by its words.
  static func isDiskFull(_ result: Git.Result) -> Bool { complaint(result).contains("No space left") }
}

/// Reverts a commit in the checkout. The next ``checkOut(_:of:into:cache:)`` restores everything; the caller holds the
/// lock of the repository.
///
/// Throws `KernelBuildError.revertConflicts`.
func revert(_ commit: String, in directory: String, name: String) async throws {
  // From here on the checkout is not a commit.
  KernelFiles.remove("\(directory).commit")
  let git = GitTree(asking: directory)
  let parents = try await git.run(["rev-list", "--parents", "-n", "1", commit]).text.split(separator: " ").count - 1
  let mainline = parents > 1 ? ["-m", "1"] : []
  let result = try await git.run(["revert", "--no-commit"] + mainline + [commit])
  guard result.succeeded else {
    let reason = GitTree.complaint(result)
    let unmerged = try await git.run(["ls-files", "--unmerged"])
    _ = try await git.run(["reset", "--quiet", "--hard"])
    if GitTree.isDiskFull(result) { throw KernelBuildError.diskFull(path: directory) }
    guard unmerged.succeeded, !unmerged.text.isEmpty else {
      throw KernelBuildError.fetchFailed(source: "the revert of \(commit)", reason: reason)
    }
    throw KernelBuildError.revertConflicts(source: name, commit: commit, reason: reason)
  }
}
