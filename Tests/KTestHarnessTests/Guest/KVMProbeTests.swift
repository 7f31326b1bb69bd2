import Foundation
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite("Is KVM to be believed?")
struct KVMProbeTests {
  private let scratch: Scratch
  private let device: String

  init() throws {
    scratch = try Scratch()
    device = try scratch.write("kvm", "")
  }

  private func probe(_ events: [GuestEvent]) async throws -> (state: KVMState, host: ScriptedHost) {
    let host = ScriptedHost(GuestScript(start: events))
    return (try await KVMProbe(cacheDirectory: scratch.path, device: device).state(on: host, qemu: "7.2"), host)
  }

  @Test("a guest that speaks, in however many pieces, has booted")
  func boots() async throws {
    let text = Array(TinyGuest.message.utf8)
    let (state, host) = try await probe([
      .console([0x1B, 0xFF]), .console(Array(text[..<9])), .console(Array(text[9...])),
    ])
    #expect(state == .boots)
    let description = try #require(host.descriptions.first)
    #expect(description.accelerator == .kvm && description.initramfs == nil)
    #expect(!FileManager.default.fileExists(atPath: description.kernel), "the tiny guest's image is removed")
  }

  @Test("a guest that says nothing, or ends, has not")
  func doesNot() async throws {
    let silent = try await probe([.console(Array("SeaBIOS\n".utf8))]).state
    #expect(silent == .doesNotBoot("the tiny guest printed nothing within 5 s"))
    try scratch.write("probes/kvm.json", "")
    #expect(try await probe([.ended(.failed)]).state == .doesNotBoot("the tiny guest ended without output"))
    #expect(silent.description.contains("/dev/kvm opens, but no guest boots under it"))
  }

  @Test("a QEMU that does not start with KVM says why")
  func refused() async throws {
    let error = VirtError(
      code: 1, operation: "start", message: "internal error\n  failed to initialize kvm: No such device")
    let state = try await KVMProbe(cacheDirectory: scratch.path, device: device)
      .state(on: ScriptedHost(failure: error), qemu: "7.2")
    guard case .doesNotBoot(let why) = state else {
      Issue.record("\(state)")
      return
    }
    #expect(why.contains("failed to initialize kvm: No such device"))
  }

  @Test("a device that QEMU's user may not open is forbidden, whoever asks")
  func forbidden() async throws {
    let error = VirtError(
      code: 1, operation: "start",
      message: "qemu unexpectedly closed the monitor: Could not access KVM kernel module: Permission denied\n"
        + "2026-11-28T15:05:48Z qemu-system-x86_64: -accel kvm: failed to initialize kvm: Permission denied")
    let state = try await KVMProbe(cacheDirectory: scratch.path, device: device)
      .state(on: ScriptedHost(failure: error), qemu: "7.2")
    #expect(state == .forbidden)
  }

  @Test("the answer is remembered for this QEMU, and asked again afresh")
  func memory() async throws {
    let host = ScriptedHost(GuestScript(start: [.console(Array(TinyGuest.message.utf8))]), GuestScript(start: []))
    let probe = KVMProbe(cacheDirectory: scratch.path, device: device)
    #expect(try await probe.state(on: host, qemu: "7.2") == .boots)
    #expect(try await probe.state(on: host, qemu: "7.2") == .boots)
    #expect(host.guests.count == 1)
    #expect(try await probe.state(on: host, qemu: "8.0") != .boots)
    #expect(try await probe.state(on: host, qemu: "7.2", afresh: true) != .boots)
    #expect(host.guests.count == 3)
    try scratch.write("probes/kvm.json", "{rubbish")
    _ = try await probe.state(on: host, qemu: "7.2")
    #expect(host.guests.count == 4)
  }

  @Test("no device, no guest")
  func absent() async throws {
    let host = ScriptedHost()
    let probe = KVMProbe(cacheDirectory: scratch.path, device: scratch.path + "/none")
    #expect(try await probe.state(on: host, qemu: "7.2") == .absent && host.guests.isEmpty)
  }
}
