/// The name of a run: `2026-11-21T101502-3f9a`, in UTC. The last four digits are the fraction of the second in 1/65536,
/// so that names also sort by time within a second; `mkdir` guarantees that they are unique.
package enum RunID {
  package static func make(at time: WallTime) -> String {
    let second = time.iso.prefix(19).filter { $0 != ":" }
    let milli = ((time.milliseconds % 1000) + 1000) % 1000
    let fraction = String(milli * 65_536 / 1000, radix: 16)
    return second + "-" + String(repeating: "0", count: 4 - fraction.count) + fraction
  }

  /// Returns whether a directory with this name is a run's.
  package static func isValid(_ name: String) -> Bool {
    let pattern = Array("dddd-dd-ddTdddddd-xxxx".utf8)
    let bytes = Array(name.utf8)
    guard bytes.count == pattern.count else { return false }
    return zip(bytes, pattern).allSatisfy { byte, kind in
      switch kind {
      case UInt8(ascii: "d"): (0x30...0x39).contains(byte)
      case UInt8(ascii: "x"): (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
      default: byte == kind
      }
    }
  }
}
