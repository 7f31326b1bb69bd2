import Foundation
import GuestProtocol
import KTestHarness

let clock = ContinuousClock()
let t0 = clock.now
func log(_ s: String) { print("\(clock.now - t0) \(s)") }
let host = try LibvirtHost(uri: nil, stateDirectory: "/tmp/me/lv")
log("open swept=\(host.sweptGuests) qemu \(try host.qemuVersion())")
let d = GuestDescription(
  name: "ktest-smoke", accelerator: .tcg, memory: 1 << 30, cpus: 2, kernel: CommandLine.arguments[1],
  initramfs: "/tmp/me/ird.cpio",
  commandLine: "console=ttyS0,115200 printk.time=1 panic=-1 ktest.nonce=abc " + (CommandLine.arguments.count > 2 ? CommandLine.arguments[2] : "loglevel=7"))
nonisolated(unsafe) var consoleBytes = 0
try await host.withGuest(d) { guest in
  log("started")
  while case .event(let e) = await guest.next(before: .now + .seconds(60)) {
    switch e {
    case .console(let b):
      if consoleBytes == 0 { log("first console") }
      consoleBytes += b.count
      FileHandle.standardError.write(Data(b))
    case .message(.hello(let h)):
      log("hello \(h.release) \(h.uptimeMilliseconds) \(h.channel) flags \(h.cpuFlags.count)")
      try await guest.send(.runCase(CaseRequest(id: 1, name: "x", arguments: ["/init"], timeoutMilliseconds: 5000)))
    case .message(.caseEnded(let e)):
      log("\(e)")
      try await guest.send(.powerOff)
    case .message(let m): log("\(m)")
    default: log("\(e)"); if case .ended = e { return }
    }
  }
  log("timeout")
}
log("body done")
await host.waitForEndings()
log("gone \(consoleBytes)")
