import Foundation
import KTestValues
import Testing

extension GuestTests {
  /// This host lacks something: one message that says what to do, exit code 69, and no run is begun.
  @Suite struct HostFaultTests {
    private func expectRefused(
      _ outcome: Outcome, in place: Workplace, _ reason: String, location: SourceLocation = #_sourceLocation
    ) {
      #expect(outcome.code == 69, "\(outcome)", sourceLocation: location)
      #expect(outcome.stdout.isEmpty, "\(outcome)", sourceLocation: location)
      #expect(outcome.messages.count == 1, "\(outcome)", sourceLocation: location)
      #expect(outcome.stderr.contains(reason), "\(outcome)", sourceLocation: location)
      #expect(place.runs.isEmpty, sourceLocation: location)
    }

    /// libvirt looks through PATH and, failing that, in the system's usual places: the file itself has to be hidden.
    @Test(.enabled("needs root, to hide QEMU from one process") { await Prerequisites.mounts() })
    func noQEMU() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        let hide = Prerequisites.mounted(
          "for q in $(IFS=:; for d in $PATH; do ls $d/qemu-system-* $d/qemu-kvm $d/kvm || true; done 2>/dev/null); do "
            + "mount --bind /dev/null $q; done")
        // What libvirt knows about a QEMU is in the cache; this host never had one.
        let own = "\(place.path)/own"
        try FileManager.default.createDirectory(atPath: own, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
          atPath: "\(own)/kernels", withDestinationPath: "\(place.cache)/kernels")
        let outcome = try await place.run("small", "--cache", own, wrapper: hide)
        expectRefused(outcome, in: place, "ktest: cannot use QEMU (")
        #expect(outcome.stderr.contains("install it with 'apt-get install qemu-system-x86'"), "\(outcome)")
        let doctor = try await place.ktest("doctor", "--cache", own, wrapper: hide)
        #expect(doctor.code == 69 && doctor.stdout.contains("\nbad   cannot use QEMU ("), "\(doctor)")
      }
    }

    @Test(.enabled("needs root, whose QEMU runs as this user") { await Prerequisites.mounts() })
    func noLibvirtUser() async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        let accounts = try String(contentsOfFile: "/etc/passwd", encoding: .utf8).split(separator: "\n")
        try place.write("passwd", accounts.filter { !$0.hasPrefix("libvirt-qemu:") }.joined(separator: "\n") + "\n")
        let hide = Prerequisites.mounted("mount --bind '\(place.path)/passwd' /etc/passwd")
        let outcome = try await place.run("small", wrapper: hide)
        expectRefused(
          outcome, in: place,
          "guests run as the user 'libvirt-qemu' when ktest runs as root, but there is no such user; ")
        #expect(outcome.stderr.contains("apt-get install libvirt-daemon-system"))
      }
    }

    @Test func moreMemoryThanTheHostHas() async throws {
      try await Workplace.with { place in
        try place.write(
          "suites/big.yaml",
          "suite: big\nimage: tiny\nguest: {memory: 500GiB}\ncases: [{name: a, run: [tiny], format: exit-code}]\n")
        try #require(ProcessInfo.processInfo.physicalMemory < 500 << 30)
        let outcome = try await place.run("big")
        expectRefused(outcome, in: place, "suite big needs a guest with 500GiB of memory, but this host has ")
      }
    }

    @Test(arguments: ["file/state", "/proc/state"]) func stateCannotBeMade(_ state: String) async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        try place.write("file", "")
        let outcome = try await place.run("small", "--state", state)
        expectRefused(outcome, in: place, "\(state)/runs: ")
        #expect(outcome.stderr.contains("choose a state directory that you may write to"))
        #expect(try place.read("file").isEmpty)
      }
    }

    @Test(arguments: ["file/cache", "/proc/cache"]) func cacheCannotBeMade(_ cache: String) async throws {
      try await Workplace.with { place in
        try place.suite("small", ["pass"])
        try place.write("file", "")
        let outcome = try await place.ktest("image", "build", "tiny", "--cache", cache)
        expectRefused(outcome, in: place, cache)
      }
    }

    /// What was judged before the disk was full is kept, and nothing is judged after it.
    @Test(.enabled("needs root, to mount a small disk") { await Prerequisites.mounts() })
    func fullDisk() async throws {
      try await Workplace.with { place in
        try place.suite("long", ["pass", "flood", "fail"])
        // Gone with its namespace: a copy of it is left.
        let disk =
          "mkdir disk; mount -t tmpfs -o size=1m none disk; code=0; \"$@\" --state disk || code=$?; "
          + "mkdir state; cp -r disk state/ktest; exit $code"
        let outcome = try await place.run("long", wrapper: Prerequisites.mounted(disk))
        #expect(outcome.code == 69, "\(outcome)")
        #expect(outcome.stdout.isEmpty)
        #expect(outcome.messages.count == 1 && outcome.messages[0].contains("the disk is full: "), "\(outcome)")
        let summary = try await place.shown()
        #expect(summary.verdicts.first == "pass pass" && !summary.verdicts.contains { $0.hasPrefix("fail") })
        #expect(summary.interrupted)
        let run = try #require(place.runs.last)
        #expect(Processes.guests(of: run).isEmpty)
      }
    }
  }
}
