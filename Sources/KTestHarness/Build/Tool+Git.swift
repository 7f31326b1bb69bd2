import Subprocess

extension Tool {
  /// Runs git. It takes no lock there, so it cannot even refresh the index.
  static func git(
    _ arguments: [String], in directory: String? = nil, purpose: String, limit: Int = 64 << 20
  ) async throws -> Result {
    try await Tool(name: "git", package: "git").run(
      arguments, purpose: purpose, in: directory, limit: limit, environment: gitEnvironment)
  }

  /// A git of a hook or of `git bisect run` says where its repository is: ours is another one.
  private static let gitEnvironment: [Environment.Key: String?] = [
    "GIT_OPTIONAL_LOCKS": "0", "GIT_DIR": nil, "GIT_WORK_TREE": nil, "GIT_INDEX_FILE": nil, "GIT_PREFIX": nil,
    "GIT_OBJECT_DIRECTORY": nil, "GIT_ALTERNATE_OBJECT_DIRECTORIES": nil, "GIT_TERMINAL_PROMPT": "0",
  ]
}
