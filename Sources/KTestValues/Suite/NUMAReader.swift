/// Reads the NUMA nodes of a guest and checks that their memory adds up to the guest's, and that each CPU is in one of
/// them.
struct NUMAReader {
  let map: YAMLMapReader
  /// The guest's memory, or nil if it could not be read; the sum is then not checked.
  let memory: ByteSize?
  let cpus: Int

  private enum CPUs {
    case count(Int)
    case numbers([Int])
  }

  var nodes: [NUMANode] {
    var isComplete = true
    let read: [(memory: ByteSize, cpus: CPUs?)]? = map.list("numa", of: "NUMA nodes") { node in
      guard let inner = YAMLMapReader(node, SuiteSchema.numaNode, map.diagnostics), let memory = size(inner) else {
        isComplete = false
        return nil
      }
      guard let cpus = inner.node("cpus") else { return (memory, .count(0)) }
      return (memory, self.cpus(cpus))
    }
    guard isComplete, let read else { return [] }
    guard !read.isEmpty, read.count <= SuiteLimits.nodes.count else {
      map.error("numa", "numa must be a list of 1 to \(SuiteLimits.nodes.count) nodes, found \(read.count)")
      return []
    }
    checkSum(read.map(\.memory))
    let wanted = read.compactMap(\.cpus)
    guard wanted.count == read.count else { return [] }
    return zip(read, assign(wanted)).map { NUMANode(memory: $0.memory, cpus: $1) }
  }

  private func size(_ inner: YAMLMapReader) -> ByteSize? {
    guard let size = inner.size("memory") else { return nil }
    guard size.bytes > 0, size.bytes % (1 << 20) == 0, size <= GuestMemory.maximum else {
      inner.error("memory", "a node's memory must be a multiple of 1MiB up to \(GuestMemory.maximum), found \(size)")
      return nil
    }
    return size
  }

  private func cpus(_ node: YAMLNode) -> CPUs? {
    guard case .sequence(let items) = node.content else {
      return map.diagnostics.integer(node, in: 0...cpus).map { .count($0) }
    }
    let numbers = items.compactMap { map.diagnostics.integer($0, in: 0...(cpus - 1)) }
    return numbers.count == items.count ? .numbers(numbers) : nil
  }

  private func checkSum(_ sizes: [ByteSize]) {
    // This cannot overflow: each is at most 512 GiB.
    let sum = ByteSize(bytes: sizes.reduce(0) { $0 + $1.bytes })
    if let memory, sum != memory {
      map.error("numa", "the nodes' memory adds up to \(sum), but the guest's memory is \(memory)")
    }
  }

  /// Assigns CPU numbers: counts take the next free ones, and each CPU may appear only once.
  private func assign(_ wanted: [CPUs]) -> [[Int]] {
    var next = 0
    var result: [[Int]] = []
    var isCounted = false
    var isNumbered = false
    for cpus in wanted {
      switch cpus {
      case .count(let count):
        isCounted = isCounted || count > 0
        result.append(Array(next..<(next + count)))
        next += count
      case .numbers(let numbers):
        isNumbered = true
        result.append(numbers)
      }
    }
    if isCounted, isNumbered {
      map.error("numa", "some nodes have a number of CPUs and others a list", note: "use one form for all nodes")
      return result
    }
    let all = result.joined().sorted()
    if all != Array(0..<cpus) {
      let found = all.isEmpty ? "no CPUs" : "the CPUs " + all.map(String.init).joined(separator: ", ")
      map.error(
        "numa", "the nodes have \(found); the guest has \(cpus), from 0 to \(cpus - 1)",
        note: "each CPU must be in exactly one node")
    }
    return result
  }
}
