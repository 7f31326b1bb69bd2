import Foundation
import KTestHarness
import KTestValues
import TestGate
import Testing

extension GuestTests {
  /// Hosts by an ssh that calls what is said in a folder of this machine. Their ktest is a script, so that no guest is booted.
  @Suite struct PlayedHostsTests {
    /// Takes ssh's options away, and stops to answer when there is a file `down`.
    private static let ssh = """
      #!/bin/sh
      here=${0%/bin/ssh}
      if [ -e "$here/down" ]; then echo "ssh: connect to host: No route to host" >&2; exit 255; fi
      while :; do
        case "$1" in
        -o | -F | -p) shift 2 ;;
        -T) shift ;;
        *) break ;;
        esac
      done
      shift
      [ "$1" != -- ] || shift
      mkdir -p "$here/home" && cd "$here/home" && exec sh -c "$*"
      """

    private static let start = #"""
      {"word": "'$word'", "facts": {"name": "x", "ktest": "x", "time": 0, "accelerator": "tcg", "processors": 1, \
      "memory": 1, "kernel": "6"}, "process": {"pid": 1, "bootID": "x", "startTicks": 1}}
      """#.replacing("\\\n", with: "")

    /// Runs a suite of one case on the host h1.
    ///
    /// - Parameter work: what the host's ktest does for `ktest work` with `$@`.
    private func run(
      _ work: String, rsync: String? = nil, while body: (Workplace) async throws -> Void = { _ in }
    ) async throws -> (outcome: Outcome, result: CaseResult) {
      try await Workplace.with { place in
        let version = try await place.ktest("--version").stdout.trimmingCharacters(in: .newlines)
        try place.suite("one", ["pass"])
        try place.write("hosts.yaml", "patience: 1s\nhosts: [{name: h1, ktest: ktest}]\n")
        try place.write("bin/ssh", Self.ssh, mode: 0o755)
        if let rsync { try place.write("bin/rsync", "#!/bin/sh\n\(rsync)\n", mode: 0o755) }
        try place.write(
          "home/ktest",
          """
          #!/bin/sh
          here=${PWD%/home}
          if [ "$1" = doctor ]; then
            echo '{"ktest": "\(version)", "time": 0, "machine": {"memory": 99999999999}, '
            echo '"guests": {"qemu": "7.2", "kvm": false}}'
            exit 0
          fi
          shift
          \(work)
          """, mode: 0o755)
        let outcome = try await ElsewherePlace(place: place, cluster: place.path).run(
          "one", on: "hosts.yaml", programs: "bin"
        ) { _ in try await body(place) }
        let summary = try await place.shown()
        return (outcome, try #require(summary.suites.first?.cases.first))
      }
    }

    @Test("the only host stays away: what waits is an error of the hosts, and nobody waits for ever")
    func away() async throws {
      let (outcome, result) = try await run("[ \"$1\" != -- ] || touch \"$here/began\"") { place in
        try await eventually("a worker") { FileManager.default.fileExists(atPath: "\(place.path)/began") }
        try place.write("down", "")
      }
      #expect(outcome.code == 69, "\(outcome)")
      let nobody = "h1: it does not answer, and neither does any other host"
      #expect(result.verdict == .error && result.cause?.kind == .harness)
      #expect(result.reason == "3 hosts were lost with it: h1: it does not answer; \(nobody); \(nobody)")
      // What the host says of its clock is told, and matters to nobody.
      #expect(outcome.stderr.contains(/the clock of h1 is \d+ s behind; results have this host's time/), "\(outcome)")
    }

    @Test("a host whose disk is full is lost to a group, and is not asked for ever")
    func full() async throws {
      let (outcome, result) = try await run(
        "[ \"$1\" != --living ] || [ -e \"$3/ktest-work\" ] || exit 66",
        rsync: """
          for last; do :; done
          case "$last" in *:*) echo "No space left on device (28)" >&2; exit 11 ;; esac
          exec "$(PATH=${PATH#*:} command -v rsync)" "$@"
          """)
      #expect(outcome.code == 69, "\(outcome)")
      let full = "h1: it took no work: rsync: No space left on device (28)"
      #expect(result.reason == "3 hosts were lost with it: \(full); \(full); \(full)")
    }

    /// Who lives is asked before files are brought.
    @Test("a worker that begins between two questions is not dead")
    func begins() async throws {
      let (outcome, result) = try await run(
        """
        [ "$1" = --living ] || exit 0
        for folder in "$3"/[0-9]*/[0-9]*; do
          word=$(grep -o '"word":"[a-z0-9]*"' "$folder/order.json" | cut -d '"' -f 4)
          if [ -e "$folder/started.json" ]; then
            echo '{"word": "'$word'", "isInterrupted": false, "failure": "QEMU is not installed"}' >"$folder/done.json"
          else
            echo '\(Self.start)' >"$folder/started.json"
          fi
        done
        """)
      #expect(outcome.code == 69, "\(outcome)")
      let reason = "h1: QEMU is not installed"
      #expect(result.reason == "3 hosts were lost with it: \(reason); \(reason); \(reason)")
    }
  }
}
