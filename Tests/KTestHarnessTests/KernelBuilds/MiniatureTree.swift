import Foundation

@testable import KTestHost
@testable import KTestValues

/// A "kernel" of a few C files: the targets, variables and output of kbuild that a build relies on, in a Makefile of 30
/// lines. `forbidden` has symbols that its Kconfig does not take.
final class MiniatureTree: Sendable {
  let files: TemporaryTree
  var path: String { "\(files.path)/linux" }
  var cache: KernelBuildCache { KernelBuildCache(root: "\(files.path)/cache") }

  static let hasTools = ["make", "gcc", "ld", "flex", "bison", "bc"].allSatisfy(BuildTools.isInstalled)

  init() throws {
    files = try TemporaryTree()
    try files.put("linux/Makefile", MiniatureTree.makefile)
    try files.put(
      "linux/Kconfig",
      """
      config OUTER
      \tbool "outer"
      config INNER
      \tbool "inner"
      \tdepends on OUTER
      config NEVER
      \tbool "never" if !OUTER && OUTER
      """)
    try files.put("linux/forbidden", "CONFIG_NEVER\n")
    try files.put("linux/image.bin", CraftedImage.vmlinux())
    try files.put("linux/module.bin", CraftedImage.module(name: "mini", release: "6.12.117-test"))
    try files.put("linux/mm/Makefile", "obj-$(CONFIG_MINI) += mini.o\n")
    for name in ["a", "b", "c"] { try files.put("linux/mm/\(name).c", "int \(name)(void) { return 1; }\n") }
  }

  private static let makefile = """
    SRC := $(CURDIR)
    ifeq ($(O),)
    OUT := $(SRC)
    else
    OUT := $(O)
    endif
    ifeq ($(CC),)
    CC := gcc
    endif
    OBJECTS := $(patsubst $(SRC)/mm/%.c,$(OUT)/%.o,$(wildcard $(SRC)/mm/*.c))
    .DELETE_ON_ERROR:
    .PHONY: allnoconfig olddefconfig vmlinux modules mm/ mm/mini.ko
    allnoconfig:
    \t@echo '# CONFIG_OUTER is not set' > $(OUT)/.config
    olddefconfig:
    \t@echo x >> $(OUT)/configured-count
    \t@grep -v -w -F -f $(SRC)/forbidden $(OUT)/.config > $(OUT)/.config.new; true
    \t@grep -q CONFIG_OUTER=y $(OUT)/.config || sed -i /CONFIG_INNER=/d $(OUT)/.config.new
    \t@mv $(OUT)/.config.new $(OUT)/.config
    $(OUT)/%.o: $(SRC)/mm/%.c
    \t@echo '  CC      mm/$*.o'
    \t@if grep -q slow $<; then echo $$$$ > $(OUT)/slow.pid; sleep 300; fi
    \t@if grep -q full $<; then echo 'as: No space left on device'; exit 1; fi
    \t@$(CC) -c $< -o $@
    mm/: $(OBJECTS)
    \t@mkdir -p $(OUT)/mm && rm -f $(OUT)/mm/built-in.a && ar rcs $(OUT)/mm/built-in.a $(OBJECTS)
    mm/mini.ko:
    \t@mkdir -p $(OUT)/mm && $(CC) -c $(SRC)/mm/a.c -o $(OUT)/mm/mini.ko
    vmlinux: $(OBJECTS)
    \t@echo '  LD      vmlinux'
    \t@mkdir -p $(OUT)/include/config && echo 6.12.117-test > $(OUT)/include/config/kernel.release
    \t@cp $(SRC)/image.bin $(OUT)/vmlinux
    modules:
    \t@mkdir -p $(OUT)/mm && cp $(SRC)/module.bin $(OUT)/mm/mini.ko && echo mm/mini.o > $(OUT)/modules.order
    \t@touch $(OUT)/modules.builtin

    """

  /// Returns a repository of two commits, which differ in one file.
  static func withCommits() async throws -> (tree: MiniatureTree, commits: [String]) {
    let tree = try MiniatureTree()
    _ = try await tree.git("init", "--quiet")
    var commits: [String] = []
    for number in 1...2 {
      try tree.files.put("linux/mm/b.c", "int b(void) { return \(number)\(number); }\n")
      commits.append(try await tree.commit("commit \(number)"))
    }
    return (tree, commits)
  }

  /// Commits everything, and returns the commit.
  ///
  /// - Parameter isEmpty: whether nothing has changed.
  func commit(_ subject: String, isEmpty: Bool = false) async throws -> String {
    _ = try await git("add", "-A")
    _ = try await git("commit", "--quiet", isEmpty ? "--allow-empty" : "--no-allow-empty", "-m", subject)
    return try await git("rev-parse", "HEAD").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  func request(_ source: KernelTreeName? = nil, wishes: [ConfigWish] = []) -> KernelBuildRequest {
    KernelBuildRequest(source: source ?? .directory(path), wishes: wishes, jobs: 2)
  }

  func build(_ request: KernelBuildRequest? = nil) async throws -> BuiltKernel {
    try await buildKernel(request ?? self.request(), cache: cache)
  }

  /// Runs git with an identity of its own.
  func git(_ arguments: String...) async throws -> String {
    let identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "init.defaultBranch=main"]
    let result = try await Tool(name: "git", package: "git").run(identity + arguments, purpose: "test", in: path)
    guard result.succeeded else { throw KernelBuildError.badSource(path, result.complaint) }
    return result.text
  }

  /// Every file with its time and content, `.git` included.
  func snapshot() -> [String: String] {
    var found: [String: String] = [:]
    for name in (try? FileManager.default.subpathsOfDirectory(atPath: path)) ?? [] {
      found[name] = KernelFiles.stamp(of: "\(path)/\(name)")
    }
    return found
  }
}
