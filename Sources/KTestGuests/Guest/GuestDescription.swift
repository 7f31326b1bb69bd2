import KTestValues

/// The accelerator: the host's processor, or QEMU's translator.
package enum Accelerator: String, Codable, Sendable, CaseIterable {
  case kvm, tcg

  /// The guest's processor in libvirt's words. It has all features of the accelerator: device-dax needs 1 GiB pages, which
  /// no named model has under TCG.
  package var processor: String { self == .kvm ? "host-passthrough" : "maximum" }
}

/// Everything that determines a guest. Two equal descriptions boot the same machine.
package struct GuestDescription: Sendable, Equatable {
  /// The domain name, unique on the host: `ktest-…`.
  package var name: String
  package var accelerator: Accelerator
  /// The size of RAM in bytes.
  package var memory: UInt64
  package var cpus: Int
  /// The NUMA nodes; empty for one node that has everything.
  package var numa: [NUMANode]
  /// The path of a `vmlinux` with a PVH note or of a `bzImage`.
  package var kernel: String
  /// The path of the initramfs; nil boots the kernel image alone.
  package var initramfs: String?
  package var commandLine: String
  /// Whether there is a user-mode network card, which a suite must request.
  package var network: Bool
  /// The channel to the agent.
  package var channel: Channel

  /// Whether a guest that panics stops and waits until somebody ends it, instead of ending by itself.
  package var keepsPanicked = false
  /// Whether the kernel can report its load address and version, for readers of memory images.
  package var tellsLayout = false

  /// Whether the guest's clock counts instructions instead of following the host's time; only under TCG.
  package var countsInstructions = false
  /// The path of QEMU's plugin that counts what each function executes; nil for none.
  package var functionPlugin: String?

  /// Where the guest's memory comes from.
  package var origin = Origin.boot

  package enum Origin: Sendable, Equatable {
    /// It boots, and its memory is its own.
    case boot
    /// It boots, and can be stopped and become a template: its memory is in files.
    case template
    /// It goes on where the template was stopped. All but the name is as in the template's description.
    case clone(GuestTemplate)
  }

  package enum Channel: String, Sendable, Codable { case virtio, serial }

  package struct NUMANode: Sendable, Equatable {
    /// The size in bytes.
    package var memory: UInt64
    package var cpus: [Int]

    package init(memory: UInt64, cpus: [Int]) {
      self.memory = memory
      self.cpus = cpus
    }
  }

  /// Returns the description of a guest that goes on where the template was stopped.
  package static func clone(of template: GuestTemplate, name: String) -> GuestDescription {
    var description = template.description
    (description.name, description.origin) = (name, .clone(template))
    return description
  }

  package init(
    name: String, accelerator: Accelerator, memory: UInt64, cpus: Int, numa: [NUMANode] = [], kernel: String,
    initramfs: String?, commandLine: String, network: Bool = false, channel: Channel = .virtio
  ) {
    self.name = name
    self.accelerator = accelerator
    self.memory = memory
    self.cpus = cpus
    self.numa = numa
    self.kernel = kernel
    self.initramfs = initramfs
    self.commandLine = commandLine
    self.network = network
    self.channel = channel
  }
}
