import Testing

@testable import KTestValues

struct GuestReadingTests {
  /// What is said of a guest, without the place.
  private func problems(_ guest: String) -> [String] {
    let text = "suite: x\nguest: {\(guest)}\ncases: [{name: a, run: [b]}]\n"
    return Suite.read(bytes: Array(text.utf8), file: "t").diagnostics.map(\.message)
  }

  @Test(
    arguments: [
      "memory: 8GiB, pmem: [{size: 4GiB, at: 4GiB}]",
      "memory: 3GiB, reserve: [{size: 512MiB, at: 1GiB}]",
      "memory: 2815MiB, pmem: [{size: 512MiB, at: 2GiB}]",
      "memory: 8GiB, pmem: [{size: 6GiB, at: 4GiB}]",
      "memory: 1GiB, pmem: [{size: 512MiB, at: 64MiB}]",
      "memory: 256MiB",
      "clock: instructions, cpus: 4",
      "clock: time, network: true",
      "memory: 2GiB, numa: [{memory: 1GiB, cpus: 1}, {memory: 1GiB, cpus: 1}]",
      "memory: 2GiB, numa: [{memory: 1GiB, cpus: [1, 0]}, {memory: 1GiB}]",
      "memory: 4GiB, hugepages: [{size: 2MiB, count: 128}, {size: 1GiB, count: 2}]",
      "cmdline: ['a=\"b c\"', 5, mem_sleep_default=deep]",
    ]) func possible(guest: String)
  {
    #expect(problems(guest) == [])
  }

  @Test(
    arguments: [
      ("memory: 8GiB, pmem: [{size: 4GiB, at: 3GiB}]", "PCI hole"),
      ("memory: 8GiB, pmem: [{size: 512MiB, at: 2GiB}]", "PCI hole"),
      ("memory: 8GiB, pmem: [{size: 512MiB, at: 1792MiB}]", "PCI hole"),
      ("memory: 8GiB, pmem: [{size: 4GiB, at: 8GiB}]", "ends at 12GiB, after the end of RAM"),
      ("memory: 2GiB, pmem: [{size: 1GiB, at: 4GiB}]", "ends at 5GiB, after the end of RAM"),
      ("memory: 2GiB, pmem: [{size: 1GiB, at: 1536MiB}]", "after the end of RAM"),
      ("memory: 2GiB, pmem: [{size: 512MiB, at: 1536MiB}]", "firmware"),
      ("memory: 8GiB, pmem: [{size: 64MiB, at: 32MiB}]", "below 64MiB"),
      ("memory: 8GiB, pmem: [{size: 1MiB, at: 4GiB}]", "not aligned"),
      ("memory: 8GiB, pmem: [{size: 2MiB, at: 4097MiB}]", "not aligned"),
      ("memory: 8GiB, pmem: [{size: 0, at: 4GiB}]", "no size"),
      ("memory: 8GiB, pmem: [{size: 16777215TiB, at: 16777215TiB}]", "64-bit"),
      ("memory: 8GiB, pmem: [{size: 1GiB, at: 4GiB}, {size: 1GiB, at: 5118MiB}]", "overlaps the region 1GiB at 4GiB"),
      ("memory: 8GiB, pmem: [{size: 1GiB, at: 4GiB}], reserve: [{size: 2GiB, at: 4GiB}]", "overlaps"),
      ("memory: 1GiB, pmem: [{size: 894MiB, at: 128MiB}]", "leave 130MiB of the RAM below 4GiB"),
      ("memory: 128MiB", "256MiB to 512GiB"),
      ("memory: 1TiB", "256MiB to 512GiB"),
      ("memory: 1073741825", "multiple of 1MiB"),
      ("memory: -1", "negative"),
      ("cpus: 0", "1 to 255"),
      ("clock: instructions, network: true", "clock counts instructions cannot use the network"),
      ("clock: icount", "expected time or instructions"),
      ("memory: 2GiB, numa: [{memory: 1GiB, cpus: 2}]", "adds up to 1GiB, but the guest's memory is 2GiB"),
      ("memory: 2GiB, numa: [{memory: 2GiB}]", "the nodes have no CPUs; the guest has 2"),
      ("memory: 2GiB, numa: [{memory: 1GiB, cpus: 1}, {memory: 1GiB}]", "the nodes have the CPUs 0; the guest has 2"),
      ("memory: 2GiB, numa: [{memory: 1GiB, cpus: [0]}, {memory: 1GiB, cpus: [0]}]", "CPUs 0, 0;"),
      ("memory: 2GiB, numa: [{memory: 1GiB, cpus: [0]}, {memory: 1GiB, cpus: 1}]", "some nodes have a number"),
      ("memory: 2GiB, numa: [{memory: 1GiB, cpus: [0, 2]}, {memory: 1GiB, cpus: [1]}]", "0 to 1"),
      ("memory: 2GiB, numa: []", "1 to 64 nodes"),
      ("memory: 2GiB, numa: [{memory: 0, cpus: 2}, {memory: 2GiB}]", "multiple of 1MiB"),
      ("hugepages: [{size: 4MiB, count: 1}]", "expected 2MiB or 1GiB"),
      ("hugepages: [{size: 2MiB, count: 500}]", "the huge pages need 1000MiB"),
      ("hugepages: [{size: 2MiB, count: 1, node: 1}]", "on node 1, and 1 node"),
      ("hugepages: [{size: 2MiB, count: 1}, {size: 2MiB, count: 1, node: 0}]", "already a pool"),
      (
        "memory: 3GiB, numa: [{memory: 2GiB, cpus: 2}, {memory: 1GiB}], hugepages: [{size: 2MiB, count: 600, node: 1}]",
        "exceed its memory"
      ),
      ("cmdline: [memmap=4G!4G]", "'memmap=' cannot be set directly"),
      ("cmdline: [mem=2G]", "'mem=' cannot be set directly"),
      ("cmdline: [hugepages=4]", "'hugepages=' cannot be set directly"),
      ("cmdline: [quiet splash]", "more than one kernel parameter"),
      ("cmdline: ['a=\"b']", "not terminated"),
      ("cmdline: ['']", "empty"),
      ("cmdline: [ä]", "printable ASCII"),
      ("network: no", "expected true or false"),
    ]) func impossible(guest: String, words: String)
  {
    let problems = problems(guest)
    #expect(problems.count == 1 && problems.first?.contains(words) == true, "\(problems)")
  }

  @Test(
    "parameters that silence or distort the kernel's log are refused",
    arguments: [
      "quiet", "'\"quiet\"'", "quiet=1", "loglevel=3", "loglevel=6", "loglevel", "loglevel=07", "loglevel=0x7",
      "printk.time=0", "printk.time=N", "printk.time=", "printk.devkmsg=off", "printk.devkmsg=ratelimit",
      "console=ttyS1", "console=null", "console=", "console_msg_format=syslog", "console-msg-format=syslog",
      "keep_bootcon", "'earlyprintk=serial,ttyS0,keep'", "sysctl.kernel.printk=1", "sysctl/kernel/printk_delay=100",
      "ktest.channel=none", "'--'",
    ]) func silencing(_ word: String)
  {
    let problems = problems("cmdline: [\(word)]")
    #expect(problems.count == 1 && problems.first?.contains("is refused: ") == true, "\(problems)")
  }

  @Test(
    "parameters that only add to the kernel's log are not",
    arguments: [
      "debug", "ignore_loglevel", "loglevel=8", "loglevel=15", "printk.time=1", "printk.time", "printk.devkmsg=on",
      "log_buf_len=16M", "no_console_suspend", "'earlyprintk=serial,ttyS0'", "sysctl.kernel.panic_on_warn=1",
      "nosplash", "printk.always_kmsg_dump=1",
    ]) func speaking(_ word: String)
  {
    #expect(problems("cmdline: [\(word)]").isEmpty)
  }

  @Test("a matrix is refused for the one value that silences") func silencingValue() {
    let text = { (level: String) in
      "suite: x\nmatrix: {level: [\(level)]}\nguest: {cmdline: ['loglevel=${level}']}\ncases: [{name: a, run: [b]}]\n"
    }
    #expect(Suite.read(bytes: Array(text("7, 8").utf8), file: "t").diagnostics.isEmpty)
    let only = Suite.read(bytes: Array(text("7, 3").utf8), file: "t").diagnostics
    #expect(only.map(\.mark) == [Mark(line: 3, column: 19)])
    #expect(only.first?.message.contains("'loglevel=3' is refused: it hides messages") == true, "\(only)")
  }

  @Test(
    "programs of setup that silence the kernel's log are refused where their words tell",
    arguments: [
      ("[sh, -c, 'echo 1 > /proc/sys/kernel/printk']", true), ("[sysctl, -w, kernel.printk=1 4 1 7]", true),
      ("[sh, -c, 'echo N > /sys/module/printk/parameters/time']", true), ("[/bin/dmesg, -n, 1]", true),
      ("[dmesg, -D]", true), ("[dmesg, --console-off]", true), ("[dmesg, -w]", false), ("[mount, -n]", false),
    ]) func silencingSetup(_ program: String, isRefused: Bool)
  {
    let text = "suite: x\nsetup:\n  - \(program)\ncases: [{name: a, run: [b]}]\n"
    let found = Suite.read(bytes: Array(text.utf8), file: "t").diagnostics
    #expect(found.map(\.mark) == (isRefused ? [Mark(line: 3, column: 5)] : []), "\(found)")
  }

  @Test func commandLineIsBounded() {
    let words = Array(repeating: "a", count: 800).joined(separator: ", ")
    #expect(problems("cmdline: [\(words)]") == ["the guest's kernel parameters have 1600 bytes; the limit is 1536"])
  }

  @Test func manyRegionsAndPools() {
    let region = Array(repeating: "{size: 2MiB, at: 4GiB}", count: 5_000).joined(separator: ",")
    #expect(problems("memory: 8GiB, pmem: [\(region)]").count == 1)
    let pool = Array(repeating: "{size: 1GiB, count: 1000000}", count: 5_000).joined(separator: ",")
    #expect(problems("memory: 8GiB, hugepages: [\(pool)]").count == 1)
  }

  @Test func placesPointAtTheRegionAndTheNoteSaysWhereRAMIs() {
    let text = "suite: x\nguest:\n  memory: 8GiB\n  pmem:\n    - {size: 4GiB, at: 3GiB}\ncases: [{name: a, run: [b]}]\n"
    let only = Suite.read(bytes: Array(text.utf8), file: "t").diagnostics
    #expect(only.map(\.mark) == [Mark(line: 5, column: 7)])
    #expect(only.first?.note == "this guest's RAM is at 0 to 2GiB and 4GiB to 10GiB")
  }

  @Test func layoutOfQ35() {
    #expect(GuestMemory(size: .gibibytes(1)).layout == "0 to 1GiB")
    #expect(GuestMemory(size: .mebibytes(2815)).layout == "0 to 2815MiB")
    #expect(GuestMemory(size: .mebibytes(2816)).layout == "0 to 2GiB and 4GiB to 4864MiB")
    #expect(GuestMemory(size: ByteSize(bytes: .max)).layout == "0 to 2GiB and 4GiB to 514GiB")
    let memory = GuestMemory(size: .gibibytes(8))
    let left = memory.left(after: [
      MemoryRegion(size: .gibibytes(4), at: .gibibytes(4)), MemoryRegion(size: .gibibytes(1), at: .mebibytes(512)),
    ])
    #expect(left.low == 1 << 30 && left.all == 3 << 30)
  }
}
