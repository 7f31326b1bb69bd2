import Glibc

/// Writes to the kernel's own log, so that lines are in order with the kernel's output.
struct KernelLog {
  private let descriptor: Int32
  /// The reason why the log cannot be written, or empty. Such a kernel has no log to judge by (CONFIG_PRINTK).
  let failure: String

  init() {
    descriptor = open("/dev/kmsg", O_WRONLY | O_CLOEXEC)
    failure = descriptor >= 0 ? "" : SystemError("open /dev/kmsg").description
  }

  /// Writes one record of priority "info".
  func write(_ text: String) {
    guard descriptor >= 0 else { return }
    let record = Array("<6>\(text)\n".utf8)
    _ = Glibc.write(descriptor, record, record.count)
  }
}
