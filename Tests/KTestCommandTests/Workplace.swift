import Foundation
import KTestHost
import KTestValues
import SystemPackage
import TestGate
import Testing

/// A temporary directory in which ktest is run: its own suites, recipes and state.
///
/// Kernels come from the cache of `KTEST_TEST_CACHE`, else from the user's; everything else in the cache is shared by
/// the tests of one process, so that QEMU is asked only once for what it can do.
struct Workplace: Sendable {
  let path: String
  /// Where XDG_CACHE_HOME points.
  var cacheHome = SharedCache.home

  var state: String { "\(path)/state/ktest" }
  var cache: String { "\(cacheHome)/ktest" }

  /// Calls `body` with a new workplace, which is removed afterwards.
  static func with<Result>(
    ownCache: Bool = false, _ body: (Workplace) async throws -> Result
  ) async throws -> Result {
    // A short name: sockets lie below the cache.
    let name = "kt" + String(UInt32.random(in: 0 ... .max), radix: 36)
    var place = Workplace(path: FileManager.default.temporaryDirectory.appending(path: name).path)
    if ownCache { place.cacheHome = "\(place.path)/c" }
    defer { try? FileManager.default.removeItem(atPath: place.path) }
    try place.write("images/tiny.yaml", "image: tiny\nlayers:\n  - {compile: tiny, sources: [src/tiny.c]}\n")
    try place.write("images/src/tiny.c", tinyProgram)
    return try await body(place)
  }

  func write(_ file: String, _ text: String, mode: Int = 0o644) throws {
    let url = URL(filePath: "\(path)/\(file)")
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: url.path)
  }

  func read(_ file: String) throws -> String { try String(contentsOfFile: "\(path)/\(file)", encoding: .utf8) }

  /// A suite whose cases call `tiny` with a word each: pass, fail, skip, sleep, flood, leave, spoil.
  func suite(_ name: String, _ words: [String], guest: String = "") throws {
    let cases = words.map {
      "  - {name: \($0), run: [tiny, \($0)], format: exit-code, skip-codes: [77], timeout: 300s, output-limit: 1GiB, artefacts: ['*']}\n"
    }
    try write(
      "suites/\(name).yaml",
      "suite: \(name)\nimage: tiny\nguest: {memory: 512MiB, cpus: 1\(guest)}\ncases:\n\(cases.joined())")
  }

  /// What `ktest` gets from its caller.
  var environment: [String: String] {
    [
      "HOME": path, "XDG_STATE_HOME": "\(path)/state", "XDG_CACHE_HOME": cacheHome, "KTEST_HOME": "", "NO_COLOR": "1",
    ]
  }

  /// Runs `ktest`; `wrapper` stands before it and must become it by exec.
  func ktest(
    _ arguments: String..., wrapper: [String] = [], environment: [String: String] = [:], stdout: FileDescriptor? = nil,
    while body: (Running) async throws -> Void = { _ in }
  ) async throws -> Outcome {
    try await execute(
      wrapper + [Built.ktest] + arguments, in: path, environment: self.environment.merging(environment) { $1 },
      stdout: stdout, while: body)
  }

  /// `ktest run`, as nearly all tests want it.
  func run(
    _ arguments: String..., wrapper: [String] = [], stdout: FileDescriptor? = nil,
    while body: (Running) async throws -> Void = { _ in }
  ) async throws -> Outcome {
    try await execute(
      wrapper + [Built.ktest, "run", "--kernel", Prerequisites.kernel, "--accel", "tcg", "--new-boot"] + arguments,
      in: path,
      environment: environment, stdout: stdout, while: body)
  }

  /// The last run, as `ktest show` tells it.
  func shown() async throws -> RunSummary {
    let outcome = try await ktest("show", "latest", "--format", "json")
    #expect(outcome.code == 0, "\(outcome)")
    return try RunSummary(json: outcome.stdout)
  }

  // MARK: - Looking at a run that goes on

  var runs: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: "\(state)/runs")) ?? []).sorted() }

  /// The name of the last run; waits until there is one.
  func startedRun(after count: Int = 0) async throws -> String {
    try await eventually("a run to start") { runs.count > count }
    return try #require(runs.last)
  }

  /// Waits until the running case has written this.
  func hasPrinted(_ text: String, run: String) async throws {
    try await eventually("'\(text)' from a case of run \(run)") {
      files(below: "\(state)/runs/\(run)/output").contains {
        FileManager.default.contents(atPath: $0)?.range(of: Data(text.utf8)) != nil
      }
    }
  }

  /// Waits for an event of the journal.
  func hasRecorded(_ type: String, run: String) async throws {
    try await eventually("'\(type)' in the journal of run \(run)") {
      (try? String(contentsOfFile: "\(state)/runs/\(run)/events.jsonl", encoding: .utf8))?
        .contains("\"type\":\"\(type)\"") == true
    }
  }
}

extension RunSummary {
  init(json: String) throws { self = try JSONDecoder().decode(RunSummary.self, from: Data(json.utf8)) }

  /// `name verdict` for each case, in order.
  var verdicts: [String] { suites.flatMap(\.cases).map { "\($0.name) \($0.verdict.rawValue)" } }
}

/// Every file below a directory, sorted.
func files(below folder: String) -> [String] {
  let names = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
  return names.sorted().map { "\(folder)/\($0)" }.filter {
    (try? FileManager.default.attributesOfItem(atPath: $0))?[.type] as? FileAttributeType == .typeRegular
  }
}

private let tinyProgram = """
  #include <fcntl.h>
  #include <stdio.h>
  #include <string.h>
  #include <sys/mount.h>
  #include <sys/stat.h>
  #include <unistd.h>

  /* Files of every kind that should not come back as they are. */
  static int leave(void)
  {
    char name[32];
    int file = open("a-sparse", O_CREAT | O_WRONLY, 0644);

    if (file < 0 || ftruncate(file, 5LL << 30) || mkfifo("b-pipe", 0644)) return 3;
    for (int number = 0; number < 1200; number++) {
      snprintf(name, sizeof(name), "c-%04d", number);
      if (close(open(name, O_CREAT | O_WRONLY, 0644))) return 3;
    }
    return 0;
  }

  /* What the next case needs. */
  static int spoil(void)
  {
    return unlink("/init") || mount("none", "/tmp", NULL, MS_REMOUNT | MS_RDONLY, NULL) ? 3 : 0;
  }

  int main(int argc, char **argv)
  {
    const char *what = argc > 1 ? argv[1] : "";
    static char block[4096];

    setvbuf(stdout, NULL, _IOLBF, 0);
    printf("this is %s\\n", what);
    if (!strcmp(what, "pass")) return 0;
    if (!strcmp(what, "fail")) return 1;
    if (!strcmp(what, "skip")) return 77;
    if (!strcmp(what, "leave")) return leave();
    if (!strcmp(what, "spoil")) return spoil();
    if (!strcmp(what, "sleep")) for (;;) pause();
    memset(block, 'x', sizeof(block));
    block[sizeof(block) - 1] = '\\n';
    if (!strcmp(what, "flood")) while (write(1, block, sizeof(block)) > 0);
    return 2;
  }

  """
