/// The layout of RAM in the guest's physical address space on QEMU's q35 machine, and the regions that may be cut out
/// of it.
///
/// Source: `pc_q35_init()` in QEMU's `hw/i386/pc_q35.c`: less than 0xb0000000 bytes (2.75 GiB) are in one range from
/// address 0; otherwise 2 GiB are there and the rest from 4 GiB up, after the PCI hole.
package struct GuestMemory: Sendable, Equatable {
  static let splitFrom: UInt64 = 0xb000_0000
  static let lowWhenSplit: UInt64 = 0x8000_0000
  static let highStart: UInt64 = 0x1_0000_0000
  /// The end of low RAM that the firmware uses. SeaBIOS keeps its ACPI tables in the last 128 KiB (`BIOS-e820 …
  /// reserved`), but `memmap=` would make them available as memory. In bytes, rounded up to ``alignment``.
  static let firmware: UInt64 = 2 << 20
  /// The start of RAM, in bytes, that real mode, the firmware and the kernel itself use.
  static let kernel: UInt64 = 64 << 20
  static let alignment: UInt64 = 2 << 20
  /// The minimum of low RAM that must remain for kernel, initramfs and bounce buffers, in bytes.
  static let minimumLeft: UInt64 = 256 << 20
  static let maximum = ByteSize.gibibytes(512)
  static let maximumRegions = 16

  /// The RAM from address 0.
  package let low: Range<UInt64>
  /// The RAM from 4 GiB up; nil for a small guest.
  package let high: Range<UInt64>?

  /// Creates the layout. `size` is all RAM, at most 512 GiB; larger sizes are treated as that.
  package init(size: ByteSize) {
    let bytes = min(size.bytes, Self.maximum.bytes)
    if bytes < Self.splitFrom {
      low = 0..<bytes
      high = nil
    } else {
      low = 0..<Self.lowWhenSplit
      high = Self.highStart..<(Self.highStart + bytes - Self.lowWhenSplit)
    }
  }

  /// The layout as text: `0 to 2GiB and 4GiB to 10GiB`.
  package var layout: String {
    let pieces = [low] + (high.map { [$0] } ?? [])
    return pieces.map { "\(ByteSize(bytes: $0.lowerBound)) to \(ByteSize(bytes: $0.upperBound))" }
      .joined(separator: " and ")
  }

  /// Returns the reason why a region cannot be cut out, or nil if it can.
  package func problem(of region: MemoryRegion) -> ValueProblem? {
    let ram = "this guest's RAM is at \(layout)"
    guard region.size.bytes > 0 else { return ValueProblem("the region at \(region.start) has no size") }
    guard let end = region.end else {
      return ValueProblem("the region \(region) ends after the last 64-bit address", note: ram)
    }
    guard region.start.bytes % Self.alignment == 0, region.size.bytes % Self.alignment == 0 else {
      return ValueProblem("the region \(region) is not aligned", note: "start and size are multiples of 2MiB")
    }
    guard region.start.bytes >= Self.kernel else {
      return ValueProblem("the region \(region) includes memory below 64MiB, where the kernel is", note: ram)
    }
    if region.start.bytes >= Self.highStart {
      if let high, end <= high.upperBound { return nil }
      return ValueProblem("the region \(region) ends at \(ByteSize(bytes: end)), after the end of RAM", note: ram)
    }
    if end <= low.upperBound - min(Self.firmware, low.upperBound) { return nil }
    if end <= low.upperBound {
      return ValueProblem(
        "the region \(region) includes the last 2MiB of low RAM, where the firmware keeps its tables",
        note: "end it at \(ByteSize(bytes: low.upperBound - Self.firmware)) or below")
    }
    guard high != nil else {
      return ValueProblem("the region \(region) ends at \(ByteSize(bytes: end)), after the end of RAM", note: ram)
    }
    return ValueProblem(
      "the region \(region) reaches into the PCI hole between 2GiB and 4GiB, where there is no RAM", note: ram)
  }

  /// Returns the first of the `others` that overlaps a region.
  package func overlap(of region: MemoryRegion, with others: [MemoryRegion]) -> MemoryRegion? {
    guard let end = region.end else { return nil }
    return others.first { other in
      guard let otherEnd = other.end else { return false }
      return region.start.bytes < otherEnd && other.start.bytes < end
    }
  }

  /// Returns how many bytes of low RAM and of all RAM remain for the kernel. The regions must lie in RAM and must not
  /// overlap.
  package func left(after regions: [MemoryRegion]) -> (low: UInt64, all: UInt64) {
    var result = (low: UInt64(low.count), all: UInt64(low.count) + UInt64(high?.count ?? 0))
    for region in regions {
      result.all -= min(result.all, region.size.bytes)
      if region.start.bytes < Self.highStart { result.low -= min(result.low, region.size.bytes) }
    }
    return result
  }
}
