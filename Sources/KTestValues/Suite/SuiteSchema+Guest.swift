extension SuiteSchema {
  static let guest = SchemaShape(
    "guest", "the guest",
    [
      .init("memory", .size, "All RAM, including pmem and reserve; default 1GiB.", example: "8GiB"),
      .init("cpus", .integer(SuiteLimits.cpus), "Number of CPUs; default 2.", example: "2"),
      .init(
        "numa", .list(.map(numaNode), nonEmpty: true), "NUMA nodes; their memory must add up to the guest's.",
        example: "[{memory: 512MiB, cpus: 1}, {memory: 512MiB, cpus: 1}]"),
      .init(
        "pmem", .list(.map(region)), "Parts of RAM that become persistent memory.",
        example: "[{size: 64MiB, at: 256MiB}]"),
      .init(
        "reserve", .list(.map(region)), "Parts of RAM that the kernel does not use.",
        example: "[{size: 64MiB, at: 512MiB}]"),
      .init(
        "hugepages", .list(.map(hugepages)), "Huge pages to reserve at boot.", example: "[{size: 2MiB, count: 64}]"),
      .init(
        "cmdline", .list(.written), "Kernel parameters, one per entry; not memmap= or mem=.", example: "[nokaslr]"),
      .init("network", .boolean, "Give the guest a network card; default false.", example: "true"),
      .init(
        "clock", .choice(GuestClock.allCases.map(\.rawValue)),
        "What the guest's clock follows: time (default), or the instructions that it executes, under TCG.",
        example: "instructions"),
    ])

  static let numaNode = SchemaShape(
    "numa-node", "a NUMA node",
    [
      .init("memory", .size, "RAM of the node.", example: "1GiB", required: true),
      .init(
        "cpus", .anyOf([.integer(0...SuiteLimits.cpus.upperBound), .list(.integer(0...SuiteLimits.cpus.upperBound))]),
        "The number of CPUs, or a list of them; default none.", example: "2"),
    ])

  static let region = SchemaShape(
    "region", "a memory region",
    [
      .init("size", .size, "Multiple of 2MiB.", example: "64MiB", required: true),
      .init(
        "at", .size, "Physical address, a multiple of 2MiB; guests of 2.75GiB or more have no RAM from 2GiB to 4GiB.",
        example: "256MiB", required: true),
    ])

  static let hugepages = SchemaShape(
    "hugepages", "a pool of huge pages",
    [
      .init(
        "size", .choice(HugepagePool.Size.allCases.map(\.rawValue)), "Size of a page.", example: "2MiB",
        required: true),
      .init("count", .integer(SuiteLimits.hugepages), "Number of pages.", example: "64", required: true),
      .init("node", .integer(SuiteLimits.nodes), "NUMA node; default all of them.", example: "0"),
    ])
}
