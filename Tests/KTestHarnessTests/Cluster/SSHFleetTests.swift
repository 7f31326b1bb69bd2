import Glibc
import TestGate
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

/// Hosts by an ssh and an rsync that do in a folder of this host what is asked of another one.
@Suite("Hosts by ssh", .gated())
struct SSHFleetTests {
  private let tree: TemporaryTree

  init() throws {
    tree = try TemporaryTree()
    try program(
      "ssh",
      """
      while [ "$1" != -- ]; do shift; done
      shift
      mkdir -p "$here/home" && cd "$here/home" && exec sh -c "$*"
      """)
    // Copies the last argument but one to the last one; a host's paths are below its home.
    try program(
      "rsync",
      """
      for word; do from=$to to=$word; done
      case "$from" in h1:*) from=$here/home/${from#h1:} ;; esac
      case "$to" in h1:*) to=$here/home/${to#h1:} ;; esac
      mkdir -p "$to"
      case "$from" in */) cp -r "$from." "$to" ;; *) cp "$from" "$to" ;; esac
      case "$from" in "$here/home/"*) [ ! -e "$here/unreadable" ] || { cat "$here/unreadable" >&2; exit 23; } ;; esac
      """)
    // A worker lives as long as its folder has the file.
    try program(
      "home/ktest",
      """
      if [ "$1" = doctor ]; then
        echo '{"ktest": "1", "time": 0, "machine": {"memory": 99999999999}, "guests": {"qemu": "7.2", "kvm": false}}'
        exit 0
      fi
      shift
      for folder; do :; done
      case "$1" in
      --) echo x >"$folder/lives"; [ ! -e "$here/dies" ] || rm "$folder/lives" ;;
      --living) cd "$folder" && ls -d */*/lives | sed 's,/lives,,' ;;
      --stop) rm "$folder"/*/*/lives ;;
      --remove) rm -r "$folder" ;;
      esac
      exit 0
      """)
  }

  private func program(_ name: String, _ script: String) throws {
    let path = try tree.put(name, "#!/bin/sh\nhere=\(tree.path)\n\(script)\n")
    try #require(chmod(path, 0o755) == 0)
  }

  private func fleet(slots: Int = 1) throws -> (fleet: SSHFleet, worker: SSHWorker) {
    let (hosts, _) = SSHHosts.read(
      bytes: Array("hosts: [{name: h1, ktest: ktest, directory: jobs, slots: \(slots)}]".utf8), file: "hosts.yaml")
    let host = try #require(hosts?.hosts.first)
    let programs = SSHLink.Programs(ssh: "\(tree.path)/ssh", rsync: "\(tree.path)/rsync")
    let worker = SSHWorker(SSHLink(host: host, programs: programs), patience: .seconds(600))
    return (SSHFleet([worker], root: "\(tree.path)/local", program: "/bin/true", version: "1"), worker)
  }

  private func dispatcher(_ fleet: SSHFleet) -> Dispatcher<SSHFleet> {
    Dispatcher(
      fleet: fleet, version: "1", guests: .init(accelerator: "tcg", timeFactor: nil, channel: "virtio"), records: nil)
  }

  private func orders(image: String = "image") throws -> [GroupOrder] {
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["a"])])
    plan.suites[0].kernel.imagePath = try tree.put("vmlinux", "kernel")
    plan.suites[0].initramfs = image == "image" ? try tree.put("image", "image") : image
    return ElsewherePlan.orders(of: plan)
  }

  /// Cancels a run when its worker lives.
  private func cancelled(_ name: String, _ dispatcher: Dispatcher<SSHFleet>) async throws {
    let orders = try orders()
    let run = Task { try await dispatcher.run(orders, of: name, say: { _ in }, take: { _ in }) }
    while !HostFiles.exists("\(tree.path)/home/jobs/\(name)/1000000/0/lives") {
      try await Task.sleep(for: .milliseconds(20))
    }
    run.cancel()
    try? await run.value
  }

  @Test("the slots of a run that is stopped are there for the next one")
  func slots() async throws {
    let (fleet, worker) = try fleet()
    let dispatcher = dispatcher(fleet)
    for name in ["r1", "r2", "r3"] {
      try await cancelled(name, dispatcher)
      #expect(await worker.free == 1)
      #expect(!HostFiles.exists("\(tree.path)/home/jobs/\(name)"))
    }
    // Files that cannot be sent end a run that has taken slots.
    let broken = try orders(image: "\(tree.path)/none")
    await #expect(throws: FileProblem.self) {
      try await dispatcher.run(broken, of: "r4", say: { _ in }, take: { _ in })
    }
    #expect(await worker.free == 1)
  }

  @Test("the slots of lost groups are there for the next try, and a file that cannot be brought is in the reason")
  func unreadable() async throws {
    try tree.put("dies", "")
    let complaint = "rsync: [sender] send_files failed to open \"/w/core\": Permission denied (13)"
    try tree.put("unreadable", "\(complaint)\nrsync error: some files/attrs were not transferred (code 23)\n")
    let (fleet, worker) = try fleet()
    let (notices, answers) = (Locked<[String]>([]), Locked<[GroupAnswer]>([]))
    // A worker that has begun and ended without an answer.
    try program(
      "home/ktest",
      try String(decoding: RegularFile.bytes(of: "\(tree.path)/home/ktest", limit: 9999), as: UTF8.self).replacing(
        "echo x >\"$folder/lives\"",
        with: #"""
          word=$(grep -o '"word":"[a-z0-9]*"' "$folder/order.json" | cut -d '"' -f 4)
          echo '{"word": "'$word'", "facts": {"name": "x", "ktest": "1", "time": 0, "accelerator": "tcg", "processors": 1,
          "memory": 1, "kernel": "6"}, "process": {"pid": 1, "bootID": "x", "startTicks": 1}}' >"$folder/started.json"
          echo '{"word": "'$word'", "isInterrupted": false, "run": "20260101-000000-aaaa"}' >"$folder/done.json"
          echo x >"$folder/lives"
          """#))
    try await dispatcher(fleet).run(
      orders(), of: "r", say: { if case .notice(let text) = $0 { notices.with { $0.append(text) } } },
      take: { answer in answers.with { $0.append(answer) } })
    #expect(await worker.free == 1)
    #expect(await worker.silentSince == nil)
    let answer = try #require(answers.with { $0.first })
    let reason = "its answer is not complete; not all of its files could be brought: rsync: \(complaint)"
    #expect(answer.losses.map(\.reason).allSatisfy { $0.hasPrefix(reason) }, "\(answer.losses)")
    #expect(answer.losses.count == 3)
    let told = notices.with { $0.filter { $0.hasPrefix("not all files of h1 could be brought: rsync: \(complaint)") } }
    #expect(told.count == 1)
  }

  @Test("what a host needs again is noted there, and what nobody has used for long goes when a run ends")
  func uses() async throws {
    let (fleet, _) = try fleet()
    let old = String(repeating: "a", count: 64)
    let path = try tree.put("local/files/\(old)", "old")
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    try await cancelled("r1", dispatcher(fleet))
    let sent = HostFiles.names(in: "\(tree.path)/home/jobs/files")
    #expect(sent.count == 2 && HostFiles.names(in: "\(tree.path)/home/jobs/uses") == sent)
    #expect(HostFiles.names(in: "\(tree.path)/local/files") == sent)
  }
}
