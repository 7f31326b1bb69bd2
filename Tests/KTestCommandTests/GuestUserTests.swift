import Foundation
import TestGate
import Testing

extension GuestTests {
  /// As whom QEMU runs, and where everything lies that it is given.
  @Suite struct GuestUserTests {
    private struct Status {
      var users: Set<String> = []
      var groups: Set<String> = []
      var text = ""

      init(of pid: Int32) throws {
        text = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        for line in text.split(separator: "\n") {
          let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
          if words.first == "Uid:" { users = Set(words.dropFirst()) }
          if words.first == "Gid:" || words.first == "Groups:" { groups.formUnion(words.dropFirst()) }
        }
      }

      func field(_ name: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix("\(name):") }?.split(whereSeparator: \.isWhitespace).last
          .map(String.init)
      }
    }

    /// Whoever runs the tests, QEMU is not root, has nothing of root's, and stays in its sandbox.
    @Test func isNotRoot() async throws {
      try await Workplace.with { place in
        // A cache that nobody else may enter, as /root is.
        #expect(chmod(SharedCache.home, 0o700) == 0)
        try place.suite("long", ["sleep"])
        let outcome = try await place.run("long") { running in
          let run = try await place.startedRun()
          try await place.hasPrinted("this is sleep", run: run)
          let guest = try #require(Processes.guests(of: run).first)
          let status = try Status(of: guest)
          if Prerequisites.isRoot {
            let user = try #require(getpwnam("libvirt-qemu")).pointee
            #expect(status.users == ["\(user.pw_uid)"], "\(status.text)")
          } else {
            #expect(status.users == ["\(geteuid())"], "\(status.text)")
          }
          #expect(!Prerequisites.isRoot || !status.groups.contains("0"), "\(status.text)")
          #expect(["CapInh", "CapPrm", "CapEff", "CapAmb"].allSatisfy { status.field($0) == "0000000000000000" })
          #expect(status.field("NoNewPrivs") == "1" && status.field("Seccomp") == "2", "\(status.text)")
          running.signal(SIGINT)
        }
        #expect(outcome.code == 130, "\(outcome)")
      }
    }

    /// Cache, state and suite in a directory of such a name, on the shortest of paths.
    @Test(arguments: ["a b&\"<%,c'#é", "d:e[f]"]) func oddPaths(_ name: String) async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        let odd = "\(place.path)/\(name)"
        let files = FileManager.default
        try files.createDirectory(atPath: "\(odd)/c", withIntermediateDirectories: true)
        try files.createSymbolicLink(atPath: "\(odd)/c/kernels", withDestinationPath: "\(place.cache)/kernels")
        try files.copyItem(atPath: "\(place.path)/suites/small.yaml", toPath: "\(odd)/s.yaml")
        let outcome = try await place.run("\(odd)/s.yaml:pass", "--cache", "\(odd)/c", "--state", "\(odd)/s")
        #expect(outcome.code == 0, "\(outcome)")
        #expect(outcome.stdout.contains("run \(odd)/s/runs/"), "\(outcome)")
        let shown = try await place.ktest("show", "latest", "--state", "\(odd)/s")
        #expect(shown.code == 0 && shown.stdout.contains("pass"), "\(shown)")
      }
    }
  }
}

/// Paths with control characters are refused before anything is made, and shown in one line.
@Suite struct ControlCharacterTests {
  @Test(arguments: [
    ["suite", "check", "a\nb.yaml"], ["kernel", "list", "--cache", "a\nb"], ["run", "x", "--cache", "a\nb"],
    ["run", "x", "--state", "a\nb"], ["kernel", "show", "a\nb"],
  ])
  func refused(_ arguments: [String]) async throws {
    try await Workplace.with { place in
      let outcome = try await execute([Built.ktest] + arguments, in: place.path, environment: place.environment)
      #expect(outcome.code == 64 && outcome.stdout.isEmpty, "\(outcome)")
      #expect(outcome.stderr.contains("a\\nb") && !outcome.stderr.contains("a\nb"), "\(outcome)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: place.path).allSatisfy { !$0.hasPrefix("a") })
    }
  }
}
