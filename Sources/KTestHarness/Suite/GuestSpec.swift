/// The machine that a suite requests.
public struct GuestSpec: Sendable, Equatable, Codable {
  public static let defaultMemory = ByteSize.gibibytes(1)

  /// The size of all RAM, including `pmem` and `reserve`.
  public var memory: ByteSize
  public var cpus: Int
  /// The NUMA nodes; empty means a single node without a table. Otherwise their memory adds up to `memory`, and each
  /// CPU is in exactly one.
  public var numa: [NUMANode]
  /// The parts of RAM that become persistent memory (`memmap=size!start`).
  public var pmem: [MemoryRegion]
  /// The parts of RAM that the kernel does not use (`memmap=size$start`).
  public var reserve: [MemoryRegion]
  public var hugepages: [HugepagePool]
  /// The suite's kernel parameters, one per element.
  public var commandLine: [String]
  public var network: Bool

  public init(
    memory: ByteSize = GuestSpec.defaultMemory, cpus: Int = 2, numa: [NUMANode] = [], pmem: [MemoryRegion] = [],
    reserve: [MemoryRegion] = [], hugepages: [HugepagePool] = [], commandLine: [String] = [], network: Bool = false
  ) {
    self.memory = memory
    self.cpus = cpus
    self.numa = numa
    self.pmem = pmem
    self.reserve = reserve
    self.hugepages = hugepages
    self.commandLine = commandLine
    self.network = network
  }

  /// All parameters that the suite adds to the kernel command line. Explicit ones come last, so that they take
  /// precedence. Source: `Documentation/admin-guide/kernel-parameters.txt`.
  public var kernelParameters: [String] {
    var parameters = pmem.map { "memmap=\($0.size.kernelForm)!\($0.start.kernelForm)" }
    parameters += reserve.map { "memmap=\($0.size.kernelForm)$\($0.start.kernelForm)" }
    for size in HugepagePool.Size.allCases {
      let pools = hugepages.filter { $0.size == size }
      guard !pools.isEmpty else { continue }
      // There is one `hugepages=` for each size, because a second one would replace the first.
      let counts = pools.map { pool in pool.node.map { "\($0):\(pool.count)" } ?? "\(pool.count)" }
      parameters += ["hugepagesz=\(size.bytes.kernelForm)", "hugepages=\(counts.joined(separator: ","))"]
    }
    return parameters + commandLine
  }
}

public struct NUMANode: Sendable, Equatable, Codable {
  public var memory: ByteSize
  /// The numbers of the CPUs, from 0; empty for a node with memory only.
  public var cpus: [Int]

  public init(memory: ByteSize, cpus: [Int]) {
    self.memory = memory
    self.cpus = cpus
  }
}

/// A region of the guest's physical memory.
public struct MemoryRegion: Sendable, Equatable, Codable, CustomStringConvertible {
  public var size: ByteSize
  /// The physical address.
  public var start: ByteSize

  public init(size: ByteSize, at start: ByteSize) {
    self.size = size
    self.start = start
  }

  public var description: String { "\(size) at \(start)" }

  /// The first address after it, or nil if it exceeds 64 bits.
  public var end: UInt64? {
    let (end, overflow) = start.bytes.addingReportingOverflow(size.bytes)
    return overflow ? nil : end
  }
}

/// Huge pages reserved at boot.
public struct HugepagePool: Sendable, Equatable, Codable {
  public enum Size: String, Sendable, Codable, CaseIterable {
    case large = "2MiB"
    case giant = "1GiB"

    public var bytes: ByteSize { self == .large ? .mebibytes(2) : .gibibytes(1) }
  }

  public var size: Size
  public var count: Int
  /// The node; nil means that the kernel distributes the pages over the nodes.
  public var node: Int?

  public init(size: Size, count: Int, node: Int? = nil) {
    self.size = size
    self.count = count
    self.node = node
  }
}
