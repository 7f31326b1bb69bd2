import KTestValues

/// Converts a guest's description to libvirt's XML (https://libvirt.org/formatdomain.html). It is pure: equal
/// descriptions give equal text.
package struct DomainXML: Sendable {
  package var description: GuestDescription
  /// A file on the guest's host into which QEMU also writes the console. Unread data in a pseudo-terminal is lost when
  /// QEMU ends, which includes the last lines of a panic.
  package var consoleLog: String?
  /// The process that runs the guest, for the clean-up after a killed harness: process id, its start time, the host's
  /// boot id.
  package var owner: String
  /// Whether QEMU exits by itself when the guest powers off. Otherwise libvirt starts it with `-no-shutdown`, and it
  /// waits forever to be ended. If libvirt's driver is part of a killed harness, nobody ends it.
  package var exitsByItself: Bool
  /// The user as whom QEMU runs; nil leaves this to libvirt's driver.
  package var user: GuestUser?

  /// The file into which QEMU's plugin writes what each function executed.
  package var functionCounts: String?

  package init(
    _ description: GuestDescription, consoleLog: String?, owner: String, exitsByItself: Bool = false,
    user: GuestUser? = nil, functionCounts: String? = nil
  ) {
    self.description = description
    self.consoleLog = consoleLog
    self.owner = owner
    self.exitsByItself = exitsByItself
    self.user = user
    self.functionCounts = functionCounts
  }

  package static let ownerNamespace = "urn:ktest:owner:1"
  /// libvirt names devices in XML order; the serial console is the first one.
  static let consoleAlias = "serial0"
  static let serialChannelAlias = "serial1"

  package var text: String { domain.rendered() }

  private var domain: XMLElement {
    var domain = plainDomain
    let panic = description.keepsPanicked ? ",panic=pause" : ""
    let arguments =
      (exitsByItself ? ["-action", "shutdown=poweroff\(panic)"] : [])
      + (description.countsInstructions ? CountingMachine.arguments : []) + plugin + incoming
    guard !arguments.isEmpty else { return domain }
    domain.attributes.append(("xmlns:qemu", "http://libvirt.org/schemas/domain/qemu/1.0"))
    domain.children.append(
      XMLElement("qemu:commandline", [:], arguments.map { XMLElement("qemu:arg", ["value": $0]) }))
    return domain
  }

  private var plugin: [String] {
    guard let path = description.functionPlugin, let functionCounts else { return [] }
    // In QEMU's options, a comma in a value is doubled.
    let values = [("file", path), ("out", functionCounts)].map { key, path in
      "\(key)=" + path.split(separator: ",", omittingEmptySubsequences: false).joined(separator: ",,")
    }
    return ["-plugin", values.joined(separator: ",")]
  }

  /// A clone waits for the state of its template.
  private var incoming: [String] {
    if case .clone = description.origin { ["-incoming", "defer"] } else { [] }
  }

  /// Memory in files, which a template shares with them and a clone does not. libvirt chooses their paths.
  private var memoryBacking: [XMLElement] {
    let access: String
    switch description.origin {
    case .boot: return []
    case .template: access = "shared"
    case .clone: access = "private"
    }
    return [
      XMLElement(
        "memoryBacking", [:], [XMLElement("source", ["type": "file"]), XMLElement("access", ["mode": access])])
    ]
  }

  /// libvirt's names of the files with the guest's memory.
  static func memoryFiles(of description: GuestDescription) -> [String] {
    description.numa.isEmpty ? ["pc.ram"] : description.numa.indices.map { "ram-node\($0)" }
  }

  private var plainDomain: XMLElement {
    var domain = unlabelled
    guard let user else { return domain }
    domain.children.append(
      XMLElement(
        "seclabel", ["type": "static", "model": "dac", "relabel": "no"],
        [XMLElement("label", text: "+\(user.uid):+\(user.gid)")]))
    return domain
  }

  private var unlabelled: XMLElement {
    XMLElement(
      "domain", ["type": description.accelerator == .kvm ? "kvm" : "qemu"],
      [
        XMLElement("name", text: description.name),
        XMLElement(
          "metadata", [:], [XMLElement("ktest:owner", ["xmlns:ktest": DomainXML.ownerNamespace], text: owner)]),
        XMLElement("memory", ["unit": "b"], text: String(description.memory)),
      ] + memoryBacking + [
        XMLElement("vcpu", text: String(description.cpus)),
        boot,
        XMLElement("features", [:], features),
        cpu,
        description.countsInstructions ? CountingMachine.clock : XMLElement("clock", ["offset": "utc"]),
        // A guest that resets itself has panicked or finished: it never runs a second time by itself.
        XMLElement("on_poweroff", text: "destroy"),
        XMLElement("on_reboot", text: "destroy"),
        // QEMU's own action, below, ends or keeps a guest that panics; libvirt only has to allow it.
        XMLElement("on_crash", text: exitsByItself || description.keepsPanicked ? "preserve" : "destroy"),
        devices,
      ])
  }

  private var features: [XMLElement] {
    // QEMU's docs/specs/vmcoreinfo: kernels with CONFIG_FW_CFG_SYSFS fill it in.
    let vmcoreinfo = description.tellsLayout ? [XMLElement("vmcoreinfo", ["state": "on"])] : []
    return [XMLElement("acpi"), XMLElement("apic")] + vmcoreinfo
  }

  private var boot: XMLElement {
    var children = [
      XMLElement("type", ["arch": "x86_64", "machine": "q35"], text: "hvm"),
      XMLElement("kernel", text: description.kernel),
    ]
    if let initramfs = description.initramfs { children.append(XMLElement("initrd", text: initramfs)) }
    children.append(XMLElement("cmdline", text: description.commandLine))
    return XMLElement("os", [:], children)
  }

  private var cpu: XMLElement {
    var children: [XMLElement] = []
    if !description.numa.isEmpty {
      children = [XMLElement("numa", [:], description.numa.enumerated().map(DomainXML.cell))]
    }
    return XMLElement("cpu", ["mode": description.accelerator.processor], children)
  }

  private static func cell(_ id: Int, _ node: GuestDescription.NUMANode) -> XMLElement {
    var cell = XMLElement("cell", ["id": String(id)])
    if !node.cpus.isEmpty { cell.attributes.append(("cpus", node.cpus.map(String.init).joined(separator: ","))) }
    cell.attributes += [("memory", String(node.memory)), ("unit", "b")]
    return cell
  }

  /// The devices: no network, no shared folder, no disk, no display. They are on the root bus so that libvirt adds none
  /// of its spare PCIe ports, which the guest's firmware and kernel would have to probe.
  private var devices: XMLElement {
    var devices = [
      XMLElement("controller", ["type": "usb", "model": "none"]),
      serial(port: 0),
      XMLElement("memballoon", ["model": "none"]),
      XMLElement("panic", ["model": "isa"]),
    ]
    switch description.channel {
    case .virtio:
      devices += [
        XMLElement("controller", ["type": "virtio-serial", "index": "0", "ports": "4"], [DomainXML.rootBus(slot: 3)]),
        XMLElement(
          "channel", ["type": "unix"],
          [XMLElement("target", ["type": "virtio", "name": "org.ktest.agent"])]),
      ]
    case .serial: devices.append(serial(port: 1))
    }
    if description.network {
      devices.append(
        XMLElement(
          "interface", ["type": "user"], [XMLElement("model", ["type": "virtio"]), DomainXML.rootBus(slot: 4)])
      )
    }
    return XMLElement("devices", [:], devices)
  }

  private func serial(port: Int) -> XMLElement {
    let target = XMLElement("target", ["type": "isa-serial", "port": String(port)])
    var children = [target]
    if port == 0, let consoleLog {
      children.insert(XMLElement("log", ["file": consoleLog, "append": "off"]), at: 0)
    }
    return XMLElement("serial", ["type": "pty"], children)
  }

  private static func rootBus(slot: Int) -> XMLElement {
    XMLElement("address", ["type": "pci", "domain": "0x0000", "bus": "0x00", "slot": "0x0\(slot)", "function": "0x0"])
  }
}
