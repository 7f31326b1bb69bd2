/// The accelerator: the host's processor, or QEMU's translator.
public enum Accelerator: String, Codable, Sendable, CaseIterable {
  case kvm, tcg
}

/// Everything that determines a guest. Two equal descriptions boot the same machine.
public struct GuestDescription: Sendable, Equatable {
  /// The domain name, unique on the host: `ktest-…`.
  public var name: String
  public var accelerator: Accelerator
  /// The size of RAM in bytes.
  public var memory: UInt64
  public var cpus: Int
  /// The NUMA nodes; empty for one node that has everything.
  public var numa: [NUMANode]
  /// The path of a `vmlinux` with a PVH note or of a `bzImage`.
  public var kernel: String
  /// The path of the initramfs; nil boots the kernel image alone.
  public var initramfs: String?
  public var commandLine: String
  /// Whether there is a user-mode network card, which a suite must request.
  public var network: Bool
  /// The channel to the agent.
  public var channel: Channel

  /// Whether a guest that panics stops and waits until somebody ends it, instead of ending by itself.
  public var keepsPanicked = false
  /// Whether the kernel can report its load address and version, for readers of memory images.
  public var tellsLayout = false

  public enum Channel: String, Sendable, Codable { case virtio, serial }

  public struct NUMANode: Sendable, Equatable {
    /// The size in bytes.
    public var memory: UInt64
    public var cpus: [Int]

    public init(memory: UInt64, cpus: [Int]) {
      self.memory = memory
      self.cpus = cpus
    }
  }

  public init(
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
