import Foundation
import Testing

@testable import KTestGuests
@testable import KTestValues

enum GuestSample {
  static let owner = "host 0b4ff2ad-0000-4000-8000-000000000001 4711 123456"

  static func description(name: String = "ktest-sample-1", commandLine: String = "console=ttyS0,115200 panic=-1")
    -> GuestDescription
  {
    GuestDescription(
      name: name, accelerator: .tcg, memory: 1 << 30, cpus: 2, kernel: "/kernels/a/vmlinuz",
      initramfs: "/images/b.cpio",
      commandLine: commandLine)
  }

  static var shapes: [(file: String, xml: DomainXML)] {
    let plain = description()
    var numa = plain
    numa.cpus = 3
    numa.numa = [
      GuestDescription.NUMANode(memory: 768 << 20, cpus: [0, 2]),
      GuestDescription.NUMANode(memory: 128 << 20, cpus: [1]),
      GuestDescription.NUMANode(memory: 128 << 20, cpus: []),
    ]
    var network = plain
    network.network = true
    var serial = plain
    serial.channel = .serial
    var kvm = plain
    kvm.accelerator = .kvm
    kvm.initramfs = nil
    var kept = plain
    kept.keepsPanicked = true
    kept.tellsLayout = true
    var counting = plain
    counting.countsInstructions = true
    var functions = counting
    functions.functionPlugin = "/opt/a,b/libktest-plugin.so"
    var (template, clone) = (numa, plain)
    template.origin = .template
    clone.origin = .clone(GuestTemplate(plain, directory: "/nonexistent/sample"))
    let log = "/roots/0/ktest-sample-1.console"
    return [
      ("plain.xml", DomainXML(plain, consoleLog: nil, owner: owner)),
      ("numa.xml", DomainXML(numa, consoleLog: log, owner: owner)),
      ("network.xml", DomainXML(network, consoleLog: nil, owner: owner)),
      ("serial.xml", DomainXML(serial, consoleLog: log, owner: owner)),
      ("kept.xml", DomainXML(kept, consoleLog: log, owner: owner, exitsByItself: true)),
      ("counting.xml", DomainXML(counting, consoleLog: log, owner: owner, exitsByItself: true)),
      (
        "functions.xml",
        DomainXML(
          functions, consoleLog: log, owner: owner, exitsByItself: true,
          functionCounts: "/roots/0/boot/ktest-sample-1.functions")
      ),
      ("template.xml", DomainXML(template, consoleLog: log, owner: owner, exitsByItself: true)),
      ("clone.xml", DomainXML(clone, consoleLog: log, owner: owner, exitsByItself: true)),
      ("kvm.xml", DomainXML(kvm, consoleLog: nil, owner: owner)),
      (
        "user.xml",
        DomainXML(
          plain, consoleLog: log, owner: owner, exitsByItself: true,
          user: GuestUser(name: "libvirt-qemu", uid: 64055, gid: 64056))
      ),
    ]
  }

  static func path(_ file: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().appending(path: "Fixtures/Guest")
      .appending(path: file)
  }
}
