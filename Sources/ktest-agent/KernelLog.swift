import Glibc

/// Writes into the kernel's own log, so that a line is in order with what the kernel prints.
struct KernelLog {
  private let descriptor: Int32

  init() { descriptor = open("/dev/kmsg", O_WRONLY | O_CLOEXEC) }

  /// One record of priority "info". A kernel without /dev/kmsg has no markers; the host then says so.
  func write(_ text: String) {
    guard descriptor >= 0 else { return }
    let record = Array("<6>\(text)\n".utf8)
    _ = Glibc.write(descriptor, record, record.count)
  }
}
