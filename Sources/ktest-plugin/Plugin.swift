import CQemuPlugin
import Glibc
import GuestProtocol
import Synchronization

/// The plugin of QEMU that counts what each function of a guest's kernel executes between two marks of a program.
///
/// Its argument is `out=FILE`, to which it appends each metric as soon as the guest names it: ``MarkedMetric``.
struct Plugin: ~Copyable {
  private var counters = InstructionCounters(capacity: 1 << 24)
  private var rounds = MarkedRounds()
  private var output: Int32 = -1
  /// How many bytes it still writes: a program in the guest may name metrics without end.
  private var room = 64 << 20

  /// QEMU has one copy of a plugin, and calls it from the thread that executes the guest.
  static let only = Mutex(Plugin())

  /// Opens the output. Returns false after saying what is wrong on QEMU's standard error.
  mutating func begin(_ arguments: [String]) -> Bool {
    guard let path = arguments.first(where: { $0.hasPrefix("out=") })?.dropFirst(4) else {
      return Plugin.complain("it needs the argument out=FILE")
    }
    output = open(String(path), O_WRONLY | O_APPEND | O_CLOEXEC)
    return output >= 0 || Plugin.complain("\(path): \(String(cString: strerror(errno)))")
  }

  /// Has each instruction of a block counted, and each mark told.
  ///
  /// - Parameter address: of the block, which QEMU has only lent: the plugin keeps nothing of it.
  mutating func instrument(blockAt address: UInt) {
    guard let block = OpaquePointer(bitPattern: address) else { return }
    for place in 0..<qemu_plugin_tb_n_insns(block) {
      guard let instruction = qemu_plugin_tb_get_insn(block, place) else { continue }
      let address = qemu_plugin_insn_vaddr(instruction)
      qemu_plugin_register_vcpu_insn_exec_inline(
        instruction, CInt(QEMU_PLUGIN_INLINE_ADD_U64), counters.counter(of: address), 1)
      guard address >> 63 == 0, Plugin.isMark(instruction) else { continue }
      // For reads and writes: QEMU 7.2 takes reads alone for writes.
      qemu_plugin_register_vcpu_mem_cb(
        instruction, { _, _, address, _ in Plugin.only.withLock { $0.take(UInt8(truncatingIfNeeded: address)) } },
        CInt(QEMU_PLUGIN_CB_NO_REGS), CInt(QEMU_PLUGIN_MEM_RW), nil)
    }
  }

  private static func isMark(_ instruction: OpaquePointer) -> Bool {
    let size = qemu_plugin_insn_size(instruction)
    guard size == GuestMark.instruction.count, let bytes = qemu_plugin_insn_data(instruction) else { return false }
    return UnsafeRawBufferPointer(start: bytes, count: size).elementsEqual(GuestMark.instruction)
  }

  private mutating func take(_ mark: UInt8) {
    guard var metric = rounds.take(mark, counters.counts) else { return }
    for place in metric.counts.indices {
      metric.counts[place].address = counters.addresses[Int(metric.counts[place].address)]
    }
    let text = Array(metric.text.utf8)
    room -= text.count
    guard room >= 0 else { return }
    Plugin.write(text, to: output)
  }

  private static func write(_ bytes: [UInt8], to file: Int32) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      // Without the empty line at its end, a metric is not complete: the reader says so.
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  private static func complain(_ problem: String) -> Bool {
    write(Array("ktest-plugin: \(problem)\n".utf8), to: STDERR_FILENO)
    return false
  }
}

/// QEMU calls this once, when it has loaded the plugin. Anything but 0 ends QEMU.
@_cdecl("qemu_plugin_install")
public func install(
  _ id: UInt64, _ information: UnsafeRawPointer?, _ count: CInt, _ arguments: UnsafePointer<UnsafePointer<CChar>?>?
) -> CInt {
  let arguments = UnsafeBufferPointer(start: arguments, count: Int(count)).compactMap { $0.map { String(cString: $0) } }
  guard Plugin.only.withLock({ $0.begin(arguments) }) else { return 1 }
  qemu_plugin_register_vcpu_tb_trans_cb(id) { _, block in
    let address = UInt(bitPattern: block)
    Plugin.only.withLock { $0.instrument(blockAt: address) }
  }
  return 0
}
