import Glibc

/// Writes into the kernel's own log, so that a line is in order with what the kernel prints.
struct KernelLog {
  private let descriptor: Int32
  /// Empty, or why nothing can be written. Such a kernel has no log to judge by (CONFIG_PRINTK).
  let failure: String

  init() {
    descriptor = open("/dev/kmsg", O_WRONLY | O_CLOEXEC)
    failure = descriptor >= 0 ? "" : SystemError("open /dev/kmsg").description
  }

  /// One record of priority "info".
  func write(_ text: String) {
    guard descriptor >= 0 else { return }
    let record = Array("<6>\(text)\n".utf8)
    _ = Glibc.write(descriptor, record, record.count)
  }
}
