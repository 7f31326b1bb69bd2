import Testing

@testable import KTestHost

struct GitEnvironmentTests {
  private static let hook = [
    "PATH": "/bin", "GIT_DIR": "/mine/.git", "GIT_WORK_TREE": "/mine", "GIT_INDEX_FILE": "i", "GIT_COMMON_DIR": "c",
    "GIT_CONFIG_PARAMETERS": "'core.worktree=/mine'", "GIT_CONFIG_COUNT": "99", "GIT_EXTERNAL_DIFF": "evil",
    "GIT_NAMESPACE": "n", "GIT_CONFIG_GLOBAL": "/home/g", "GIT_SSH_COMMAND": "ssh -i key", "GIT_ASKPASS": "askpass",
    "SSH_ASKPASS": "window",
  ]

  @Test func aHooksVariablesGo() {
    let changes = GitEnvironment(inherited: Self.hook).changes
    for name in [
      "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_CONFIG_PARAMETERS", "GIT_EXTERNAL_DIFF",
      "GIT_NAMESPACE", "GIT_SSH_COMMAND", "GIT_ASKPASS", "SSH_ASKPASS",
    ] { #expect(changes[name] == .some(nil), "\(name)") }
    #expect(changes["GIT_CONFIG_GLOBAL"] == "/home/g" && changes["PATH"] == nil)
    #expect(changes["GIT_CONFIG_COUNT"] == "\(GitEnvironment.settings.count)")
    #expect(changes["GIT_ALLOW_PROTOCOL"] == "none")
  }

  @Test func onlyAFetchReachesAServer() {
    let changes = GitEnvironment(inherited: Self.hook, fetches: true).changes
    #expect(changes["GIT_SSH_COMMAND"] == "ssh -i key" && changes["GIT_ASKPASS"] == "askpass")
    #expect(changes["GIT_DIR"] == .some(nil) && changes["SSH_ASKPASS"] == .some(nil))
    #expect(changes["GIT_ALLOW_PROTOCOL"] == "file:git:http:https:ssh" && changes["GIT_TERMINAL_PROMPT"] == "0")
    #expect(GitEnvironment(inherited: [:], fetches: true).changes["GIT_SSH_COMMAND"] == "ssh -o BatchMode=yes")
  }

  @Test func driversBecomeNothing() {
    let names = ["filter.a=b.clean", "filter.x.required", "merge.m.driver"]
    let changes = GitEnvironment(inherited: [:], drivers: names).changes
    let first = GitEnvironment.settings.count
    #expect((0..<3).map { changes["GIT_CONFIG_KEY_\(first + $0)"] } == names)
    #expect(changes["GIT_CONFIG_VALUE_\(first)"] == "" && changes["GIT_CONFIG_VALUE_\(first + 1)"] == "false")
    #expect(changes["GIT_CONFIG_VALUE_\(first + 2)"] == "git merge-file --quiet %A %O %B")
    #expect(changes["GIT_CONFIG_COUNT"] == "\(first + 3)")
  }

  @Test func aCopyHasNoRepository() {
    let changes = GitEnvironment.withoutRepository(inherited: Self.hook)
    #expect(changes["GIT_DIR"] == "/dev/null" && changes["GIT_WORK_TREE"] == .some(nil))
  }

  @Test func aRepositoryOfSomebodyElseIsNamed() {
    let complaint = """
      fatal: detected dubious ownership in repository at '/src/o'brien/linux'
      To add an exception for this directory, call:

      \tgit config --global --add safe.directory '/src/o'\\''brien/linux'
      """
    #expect(Git.distrusted(complaint) == "/src/o'brien/linux")
    #expect(Git.distrusted("fatal: not a git repository") == nil)
  }

  @Test(arguments: ["-x", "--upload-pack=evil", "", "a\n"])
  func isNoRevision(_ text: String) { #expect(!Git.isRevision(text) && !Git.isFetchable(text)) }

  @Test(arguments: ["+a", "a:b", "refs/*", "a b"])
  func isNotFetched(_ text: String) { #expect(Git.isRevision(text) && !Git.isFetchable(text)) }

  @Test(arguments: ["HEAD~3", "v6.12^{commit}", "topic/one", "0123abc", "@{u}"])
  func isARevision(_ text: String) { #expect(Git.isRevision(text)) }
}
