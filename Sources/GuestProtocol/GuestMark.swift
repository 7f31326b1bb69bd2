/// The bytes by which a program in the guest tells QEMU's plugin what belongs to a metric. `images/src/mm-bench/count.c`
/// writes them.
///
/// A byte is told by one instruction, a load from a table of 256 bytes: the place of the byte in the table is the byte.
/// The plugin sees the address, and knows the instruction by its displacement.
package enum GuestMark {
  /// `movzbl 0x5453544b(%rax), %eax`: the displacement is "KTST".
  package static let instruction: [UInt8] = [0x0f, 0xb6, 0x80, 0x4b, 0x54, 0x53, 0x54]

  /// A round begins.
  package static let begin: UInt8 = 2
  /// A round ends.
  package static let end: UInt8 = 3
  /// The round that has ended does not count, nor do those before it: they are of a metric that came to nothing.
  package static let drop: UInt8 = 0x18
  /// Ends the text `NAME PER`: all rounds since the last one are those of a metric, each for so many pages or calls.
  package static let newline = UInt8(ascii: "\n")
}
