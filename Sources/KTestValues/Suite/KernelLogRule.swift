/// Checks that a suite does not interfere with the kernel log, on which verdicts depend: if the log is silenced, or its
/// lines have no time stamps, every case passes.
///
/// Sources: `Documentation/admin-guide/kernel-parameters.txt`, `kernel/printk/printk.c`, `fs/proc/proc_sysctl.c`.
enum KernelLogRule {
  /// Returns why a kernel parameter would silence or distort the log, or nil if it would not.
  static func objection(toParameter name: String, _ value: String?) -> String? {
    switch name {
    case "quiet": "it hides warnings from the kernel log, on which verdicts depend"
    case "loglevel" where !(value.map(showsInformation) ?? false):
      "it hides messages from the kernel log, on which verdicts depend; 7 or more shows them"
    case "printk.time" where !["1", "y", "Y", "on", nil].contains(value):
      "ktest needs time stamps to distinguish the kernel's lines from those of programs"
    case "printk.devkmsg" where value != "on": "ktest writes to the kernel log through /dev/kmsg"
    case "console": "ktest reads the kernel log from ttyS0, which must carry nothing else"
    case "console_msg_format" where value != "default": "ktest can only read the kernel log in its default format"
    case "keep_bootcon": "every line of the kernel log would appear twice"
    case "earlyprintk" where value?.split(separator: ",").contains("keep") == true:
      "every line of the kernel log would appear twice"
    case "--": "what follows it is not a kernel parameter"
    case _ where name.hasPrefix("ktest."): "parameters that begin with 'ktest.' are reserved for ktest"
    case _ where name.replacing("/", with: ".").hasPrefix("sysctl.kernel.printk"):
      "it changes what the kernel log shows, on which verdicts depend"
    default: nil
    }
  }

  /// Returns whether messages of the level "info", which is 6, are shown; the console shows levels below its own. The
  /// kernel reads a leading 0 as octal.
  private static func showsInformation(_ level: String) -> Bool {
    level.count <= 2 && !level.hasPrefix("0") && level.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && (Int(level) ?? 0) >= 7
  }

  /// Returns why a program of `setup` would silence the log, as far as its arguments show; the agent notices the rest
  /// in the guest.
  static func objection(toProgram words: [String]) -> String? {
    let settings = ["/proc/sys/kernel/printk", "/sys/module/printk/", "kernel.printk"]
    let isDmesg = words.first?.split(separator: "/").last == "dmesg"
    let silences =
      words.contains { word in settings.contains { word.contains($0) } }
      || isDmesg && words.dropFirst().contains { $0.hasPrefix("-n") || $0 == "-D" || $0.hasPrefix("--console-") }
    return silences ? "it changes what the kernel log shows, on which verdicts depend" : nil
  }
}
