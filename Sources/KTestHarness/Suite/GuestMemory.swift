/// Where QEMU's q35 machine puts RAM in the guest's physical address space, and what may be cut out of it.
///
/// Source: `pc_q35_init()` in QEMU's `hw/i386/pc_q35.c`: less than 0xb0000000 bytes (2.75 GiB) lie in one piece from
/// address 0; of more, 2 GiB lie there and the rest from 4 GiB on, after the hole for PCI.
public struct GuestMemory: Sendable, Equatable {
  static let splitFrom: UInt64 = 0xb000_0000
  static let lowWhenSplit: UInt64 = 0x8000_0000
  static let highStart: UInt64 = 0x1_0000_0000
  /// SeaBIOS keeps its ACPI tables in the last 128 KiB of low RAM (`BIOS-e820 … reserved`), and `memmap=` would hand
  /// them out as memory; rounded up to ``alignment``.
  static let firmware: UInt64 = 2 << 20
  /// Real mode, the firmware and the kernel itself.
  static let kernel: UInt64 = 64 << 20
  static let alignment: UInt64 = 2 << 20
  /// Less low RAM than this leaves no room for kernel, initramfs and bounce buffers.
  static let minimumLeft: UInt64 = 256 << 20
  static let maximum = ByteSize.gibibytes(512)
  static let maximumRegions = 16

  /// RAM from address 0.
  public let low: Range<UInt64>
  /// RAM from 4 GiB on; nil for a small guest.
  public let high: Range<UInt64>?

  /// `size` is all RAM, at most 512 GiB; a larger one is taken for that.
  public init(size: ByteSize) {
    let bytes = min(size.bytes, Self.maximum.bytes)
    if bytes < Self.splitFrom {
      low = 0..<bytes
      high = nil
    } else {
      low = 0..<Self.lowWhenSplit
      high = Self.highStart..<(Self.highStart + bytes - Self.lowWhenSplit)
    }
  }

  /// `0 to 2GiB and 4GiB to 10GiB`
  public var layout: String {
    let pieces = [low] + (high.map { [$0] } ?? [])
    return pieces.map { "\(ByteSize(bytes: $0.lowerBound)) to \(ByteSize(bytes: $0.upperBound))" }
      .joined(separator: " and ")
  }

  /// What is wrong with one region, nil when it can be cut out.
  public func problem(of region: MemoryRegion) -> ValueProblem? {
    let ram = "this guest's RAM is at \(layout)"
    guard region.size.bytes > 0 else { return ValueProblem("the region at \(region.start) has no size") }
    guard let end = region.end else {
      return ValueProblem("the region \(region) ends after the last 64-bit address", note: ram)
    }
    guard region.start.bytes % Self.alignment == 0, region.size.bytes % Self.alignment == 0 else {
      return ValueProblem("the region \(region) is not aligned", note: "start and size are multiples of 2MiB")
    }
    guard region.start.bytes >= Self.kernel else {
      return ValueProblem("the region \(region) takes memory below 64MiB, where the kernel itself lies", note: ram)
    }
    if region.start.bytes >= Self.highStart {
      if let high, end <= high.upperBound { return nil }
      return ValueProblem("the region \(region) ends at \(ByteSize(bytes: end)), after the end of RAM", note: ram)
    }
    if end <= low.upperBound - min(Self.firmware, low.upperBound) { return nil }
    if end <= low.upperBound {
      return ValueProblem(
        "the region \(region) takes the last 2MiB of low RAM, where the firmware keeps its tables",
        note: "let it end at \(ByteSize(bytes: low.upperBound - Self.firmware)) or before")
    }
    guard high != nil else {
      return ValueProblem("the region \(region) ends at \(ByteSize(bytes: end)), after the end of RAM", note: ram)
    }
    return ValueProblem(
      "the region \(region) reaches into the PCI hole between 2GiB and 4GiB, where no RAM is", note: ram)
  }

  /// The first of the `others` that shares memory with a region.
  public func overlap(of region: MemoryRegion, with others: [MemoryRegion]) -> MemoryRegion? {
    guard let end = region.end else { return nil }
    return others.first { other in
      guard let otherEnd = other.end else { return false }
      return region.start.bytes < otherEnd && other.start.bytes < end
    }
  }

  /// Bytes of low RAM and of all RAM that are left to the kernel by regions which lie in RAM and do not overlap.
  public func left(after regions: [MemoryRegion]) -> (low: UInt64, all: UInt64) {
    var result = (low: UInt64(low.count), all: UInt64(low.count) + UInt64(high?.count ?? 0))
    for region in regions {
      result.all -= min(result.all, region.size.bytes)
      if region.start.bytes < Self.highStart { result.low -= min(result.low, region.size.bytes) }
    }
    return result
  }
}
