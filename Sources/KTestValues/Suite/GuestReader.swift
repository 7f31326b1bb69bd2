/// Reads the guest of a suite and checks that such a machine can exist.
struct GuestReader {
  /// The maximum number of pools: two sizes on each node.
  private static let maximumPools = 2 * SuiteLimits.nodes.count

  private let map: YAMLMapReader
  private let axes: [MatrixAxis]
  private let diagnostics: Diagnostics

  init(_ map: YAMLMapReader, axes: [MatrixAxis]) {
    self.map = map
    self.axes = axes
    self.diagnostics = map.diagnostics
  }

  var guest: GuestSpec {
    let memory = self.memory
    let cpus = map.integer("cpus", in: SuiteLimits.cpus) ?? 2
    let pmem = regions("pmem")
    let reserve = regions("reserve")
    let guest = GuestSpec(
      memory: memory ?? GuestSpec.defaultMemory, cpus: cpus,
      numa: NUMAReader(map: map, memory: memory, cpus: cpus).nodes,
      pmem: pmem.map(\.region), reserve: reserve.map(\.region), hugepages: hugepages,
      commandLine: commandLine, network: map.boolean("network") ?? false,
      clock: map.choice("clock", GuestClock.self) ?? .time)
    checkClock(guest)
    // All of the following depends on the size of memory; without it, the checks would only repeat that error.
    if let memory { check(guest, GuestMemory(size: memory), pmem + reserve) }
    return guest
  }

  /// Refuses a network for a clock that jumps ahead while the guest waits.
  private func checkClock(_ guest: GuestSpec) {
    guard guest.clock == .instructions, guest.network else { return }
    map.error(
      "network", "a guest whose clock counts instructions cannot use the network",
      note: "while it waits for an answer its clock jumps to the next timer, so that every time limit passes at once")
  }

  /// The memory size, or nil if it is invalid.
  private var memory: ByteSize? {
    guard map.has("memory") else { return GuestSpec.defaultMemory }
    guard let size = map.size("memory") else { return nil }
    let least = ByteSize(bytes: GuestMemory.minimumLeft)
    guard size >= least, size <= GuestMemory.maximum else {
      map.error("memory", "a guest must have \(least) to \(GuestMemory.maximum) of memory, found \(size)")
      return nil
    }
    guard size.bytes % (1 << 20) == 0 else {
      map.error("memory", "memory must be a multiple of 1MiB, found \(size)")
      return nil
    }
    return size
  }

  private typealias Placed = (region: MemoryRegion, mark: Mark)

  private func regions(_ key: String) -> [Placed] {
    map.list(key, of: "memory regions") { node in
      guard let inner = YAMLMapReader(node, SuiteSchema.region, diagnostics) else { return nil }
      let (size, start) = (inner.size("size"), inner.size("at"))
      guard let size, let start else { return nil }
      return (MemoryRegion(size: size, at: start), node.mark)
    } ?? []
  }

  private func check(_ guest: GuestSpec, _ memory: GuestMemory, _ regions: [Placed]) {
    guard regions.count <= GuestMemory.maximumRegions else {
      diagnostics.error(
        at: regions[GuestMemory.maximumRegions].mark,
        "a guest can have at most \(GuestMemory.maximumRegions) pmem and reserve regions, found \(regions.count)")
      return
    }
    var good: [Placed] = []
    for placed in regions {
      if let problem = memory.problem(of: placed.region) {
        diagnostics.error(at: placed.mark, problem.message, note: problem.note)
      } else if let other = memory.overlap(of: placed.region, with: good.map(\.region)) {
        let line = good.first { $0.region == other }?.mark.line ?? 0
        diagnostics.error(
          at: placed.mark, "the region \(placed.region) overlaps the region \(other)",
          note: "the other one is in line \(line)")
      } else {
        good.append(placed)
      }
    }
    guard good.count == regions.count else { return }
    let left = memory.left(after: good.map(\.region))
    let needed = ByteSize(bytes: GuestMemory.minimumLeft)
    if left.low < needed.bytes, let last = good.last {
      diagnostics.error(
        at: last.mark,
        "the regions leave \(ByteSize(bytes: left.low)) of the RAM below 4GiB; the kernel needs \(needed)",
        note: "give the guest more memory, or put regions above 4GiB; this guest's RAM is at \(memory.layout)")
    }
    checkHugepages(guest, left: left.all)
    checkLength(guest)
  }

  private func checkHugepages(_ guest: GuestSpec, left: UInt64) {
    guard !guest.hugepages.isEmpty else { return }
    // This cannot overflow: a million pages of 1 GiB in each of at most `maximumPools` pools.
    let wanted = guest.hugepages.reduce(0) { $0 + $1.size.bytes.bytes * UInt64($1.count) }
    if wanted + GuestMemory.minimumLeft > left {
      map.error(
        "hugepages", "the huge pages need \(ByteSize(bytes: wanted)), but only \(ByteSize(bytes: left)) are left",
        note: "the kernel needs another \(ByteSize(bytes: GuestMemory.minimumLeft)); give the guest more memory")
    }
    for pool in guest.hugepages {
      guard let node = pool.node else { continue }
      if node >= max(1, guest.numa.count) {
        map.error(
          "hugepages", "there are huge pages on node \(node), and \(Phrase.count(max(1, guest.numa.count), "node"))",
          note: "nodes count from 0")
      } else if guest.numa.indices.contains(node),
        pool.size.bytes.bytes * UInt64(pool.count) > guest.numa[node].memory.bytes
      {
        map.error("hugepages", "the huge pages on node \(node) exceed its memory of \(guest.numa[node].memory)")
      }
    }
  }

  private func checkLength(_ guest: GuestSpec) {
    var guest = guest
    // For a matrix, the cell with the longest values is checked.
    guest.commandLine = guest.commandLine.map { text in
      AxisText.expand(text) { name in
        axes.first { $0.name == name }?.values.max { $0.utf8.count < $1.utf8.count }
      }
    }
    let length = guest.kernelParameters.reduce(0) { $0 + $1.utf8.count + 1 }
    if length > SuiteLimits.commandLine {
      map.error(
        "cmdline", "the guest's kernel parameters have \(length) bytes; the limit is \(SuiteLimits.commandLine)",
        note: "the kernel reads 2048 bytes, including the parameters that ktest adds")
    }
  }

  private var hugepages: [HugepagePool] {
    var seen: [(pool: HugepagePool, line: Int)] = []
    let pools = map.list("hugepages", of: "pools of huge pages", hugepagePool) ?? []
    guard pools.count <= Self.maximumPools else {
      map.error("hugepages", "a guest can have at most \(Self.maximumPools) pools of huge pages, found \(pools.count)")
      return []
    }
    for (pool, mark) in pools {
      if let other = seen.first(where: { $0.pool.size == pool.size && isSame($0.pool.node, pool.node) }) {
        diagnostics.error(
          at: mark, "there is already a pool of \(pool.size.rawValue) pages for this node",
          note: "the first one is in line \(other.line)")
      }
      seen.append((pool, mark.line))
    }
    return seen.map(\.pool)
  }

  private func hugepagePool(_ node: YAMLNode) -> (HugepagePool, Mark)? {
    guard let inner = YAMLMapReader(node, SuiteSchema.hugepages, diagnostics) else { return nil }
    let size = inner.choice("size", HugepagePool.Size.self)
    let count = inner.integer("count", in: SuiteLimits.hugepages)
    let number = inner.integer("node", in: SuiteLimits.nodes)
    guard let size, let count else { return nil }
    return (HugepagePool(size: size, count: count, node: number), node.mark)
  }

  /// Returns whether two pools are for the same node; a pool without a node is for all nodes.
  private func isSame(_ left: Int?, _ right: Int?) -> Bool { left == right || left == nil || right == nil }

  private var commandLine: [String] {
    map.list("cmdline", of: "kernel parameters") { node in
      diagnostics.value(node, "a kernel parameter") { text throws(ValueProblem) in
        try parameter(text)
      }
    } ?? []
  }

  /// Checks a parameter in every cell, because a value of an axis can make it `mem=`.
  private func parameter(_ text: String) throws(ValueProblem) -> String {
    let template = try AxisText.check(text, axes: axes)
    let parts = axes.isEmpty ? [] : try AxisText.parts(template)
    let used = Set(parts.compactMap { if case .axis(let name) = $0 { name } else { nil } })
    var texts = [template]
    // A parameter has no values yet; `Suite.given` checks the text again.
    for axis in axes where used.contains(axis.name) && !axis.values.isEmpty {
      texts = texts.flatMap { text in
        axis.values.map { value in AxisText.expandKeepingEscapes(text, axis.name, value) }
      }
    }
    for text in texts { try KernelParameterRule.check(text) }
    return template
  }
}
