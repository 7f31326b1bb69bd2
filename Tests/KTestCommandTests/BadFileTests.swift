import Foundation
import TestGate
import Testing

/// What is no file, or not there, is refused at once, with the exit code that says whose fault it is.
@Suite(.gated()) struct BadFileTests {
  @Test func aPipeIsNoSuite() async throws {
    try await Workplace.with(ownCache: true) { place in
      #expect(mkfifo("\(place.path)/pipe.yaml", 0o644) == 0)
      for command in [["suite", "check", "pipe.yaml"], ["run", "./pipe.yaml", "--kernel", "none"]] {
        let outcome = try await execute([Built.ktest] + command, in: place.path, environment: place.environment)
        #expect(outcome.code == 64, "\(outcome)")
        #expect(outcome.stderr.contains("it is a pipe, not a regular file"), "\(outcome)")
      }
    }
  }

  @Test func aPipeIsNoConfiguration() async throws {
    try await Workplace.with(ownCache: true) { place in
      #expect(mkfifo("\(place.path)/config", 0o644) == 0)
      let outcome = try await execute(
        [Built.ktest, "kernel", "build", ".", "--base", "config"], in: place.path, environment: place.environment)
      #expect(outcome.code == 64, "\(outcome)")
      #expect(outcome.stderr.contains("config: it is a pipe, not a regular file"), "\(outcome)")
    }
  }

  @Test(arguments: [
    ("  - program: /dev/zero\n", 65, "images/bad.yaml:3:5: error: cannot put '/dev/zero' into an image"),
    ("  - directory: /mnt\n  - file: none\n    to: /x\n", 65, "images/bad.yaml:4:5: error: file none needs '"),
    (
      "  - program: /usr/bin/ktest-none\n", 69,
      "images/bad.yaml:3:5: error: program /usr/bin/ktest-none: no '/usr/bin/ktest-none' on this host"
    ),
  ])
  func aRecipeThatCannotBeBuilt(layers: String, code: Int32, said: String) async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("images/bad.yaml", "image: bad\nlayers:\n\(layers)")
      let outcome = try await execute(
        [Built.ktest, "image", "build", "bad"], in: place.path, environment: place.environment)
      #expect(outcome.code == code && outcome.stderr.contains(said), "\(outcome)")
    }
  }

  @Test func aFolderThatIsNotThere() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write(
        "images/m.yaml", "image: m\nlayers:\n  - {meson: src, targets: [a], install: {a: /a}}\n")
      let outcome = try await execute(
        [Built.ktest, "image", "build", "m", "--set", "src=/none/there"], in: place.path,
        environment: place.environment)
      #expect(outcome.code == 64 && outcome.stderr.contains("no such folder"), "\(outcome)")
    }
  }

  @Test func aWorkingDirectoryThatIsGone() async throws {
    try await Workplace.with(ownCache: true) { place in
      try place.write("gone/x", "")
      let outcome = try await execute(
        ["sh", "-c", "cd gone && rm -r ../gone && exec '\(Built.ktest)' kernel list --cache relative"],
        in: place.path, environment: place.environment)
      #expect(outcome.code == 64 && outcome.stderr.contains("the working directory no longer exists"), "\(outcome)")
      #expect(!FileManager.default.fileExists(atPath: "/relative"))
    }
  }
}
