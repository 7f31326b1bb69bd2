/// The machine that a suite requests.
package struct GuestSpec: Sendable, Equatable, Codable {
  package static let defaultMemory = ByteSize.gibibytes(1)

  /// The size of all RAM, including `pmem` and `reserve`.
  package var memory: ByteSize
  package var cpus: Int
  /// The NUMA nodes; empty means a single node without a table. Otherwise their memory adds up to `memory`, and each
  /// CPU is in exactly one.
  package var numa: [NUMANode]
  /// The parts of RAM that become persistent memory (`memmap=size!start`).
  package var pmem: [MemoryRegion]
  /// The parts of RAM that the kernel does not use (`memmap=size$start`).
  package var reserve: [MemoryRegion]
  package var hugepages: [HugepagePool]
  /// The suite's kernel parameters, one per element.
  package var commandLine: [String]
  package var network: Bool
  package var clock: GuestClock

  package init(
    memory: ByteSize = GuestSpec.defaultMemory, cpus: Int = 2, numa: [NUMANode] = [], pmem: [MemoryRegion] = [],
    reserve: [MemoryRegion] = [], hugepages: [HugepagePool] = [], commandLine: [String] = [], network: Bool = false,
    clock: GuestClock = .time
  ) {
    self.memory = memory
    self.cpus = cpus
    self.numa = numa
    self.pmem = pmem
    self.reserve = reserve
    self.hugepages = hugepages
    self.commandLine = commandLine
    self.network = network
    self.clock = clock
  }

  /// All parameters that the suite adds to the kernel command line. Explicit ones come last, so that they take
  /// precedence. Source: `Documentation/admin-guide/kernel-parameters.txt`.
  package var kernelParameters: [String] {
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

package struct NUMANode: Sendable, Equatable, Codable {
  package var memory: ByteSize
  /// The numbers of the CPUs, from 0; empty for a node with memory only.
  package var cpus: [Int]

  package init(memory: ByteSize, cpus: [Int]) {
    self.memory = memory
    self.cpus = cpus
  }
}

/// A region of the guest's physical memory.
package struct MemoryRegion: Sendable, Equatable, Codable, CustomStringConvertible {
  package var size: ByteSize
  /// The physical address.
  package var start: ByteSize

  package init(size: ByteSize, at start: ByteSize) {
    self.size = size
    self.start = start
  }

  package var description: String { "\(size) at \(start)" }

  /// The first address after it, or nil if it exceeds 64 bits.
  package var end: UInt64? {
    let (end, overflow) = start.bytes.addingReportingOverflow(size.bytes)
    return overflow ? nil : end
  }
}

/// Huge pages reserved at boot.
package struct HugepagePool: Sendable, Equatable, Codable {
  package enum Size: String, Sendable, Codable, CaseIterable {
    case large = "2MiB"
    case giant = "1GiB"

    package var bytes: ByteSize { self == .large ? .mebibytes(2) : .gibibytes(1) }
  }

  package var size: Size
  package var count: Int
  /// The node; nil means that the kernel distributes the pages over the nodes.
  package var node: Int?

  package init(size: Size, count: Int, node: Int? = nil) {
    self.size = size
    self.count = count
    self.node = node
  }
}
