/// How a guest computes: by the host's processor, or by QEMU's translator.
public enum Accelerator: String, Codable, Sendable, CaseIterable {
  case kvm, tcg
}

/// Everything that decides what a guest is. Two equal descriptions boot the same machine.
public struct GuestDescription: Sendable, Equatable {
  /// Domain name, unique on the host: `ktest-…`.
  public var name: String
  public var accelerator: Accelerator
  /// Bytes of RAM.
  public var memory: UInt64
  public var cpus: Int
  /// NUMA nodes; empty for one node that has everything.
  public var numa: [NUMANode]
  /// Path of a `vmlinux` with a PVH note or of a `bzImage`.
  public var kernel: String
  /// Path of the initramfs; nil boots the kernel image alone.
  public var initramfs: String?
  public var commandLine: String
  /// A user-mode network card, only where a suite asks for it.
  public var network: Bool
  /// How the agent is reached.
  public var channel: Channel

  /// A guest that panics stands still until somebody ends it, instead of ending by itself.
  public var keepsPanicked = false
  /// The kernel can say where it lies and which it is, for the readers of memory images.
  public var tellsLayout = false

  public enum Channel: String, Sendable, Codable { case virtio, serial }

  public struct NUMANode: Sendable, Equatable {
    /// Bytes.
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
