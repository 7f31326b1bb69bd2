import CLinux
import Glibc
import GuestProtocol

/// Loads one module file. The host has put dependencies first and decompressed the file.
/// - Returns: an empty string, or the reason why it was not loaded.
func load(_ module: ModuleLoad) -> String {
  let descriptor = open(module.path, O_RDONLY | O_CLOEXEC)
  guard descriptor >= 0 else { return SystemError("open \(module.path)").description }
  defer { close(descriptor) }
  if ktest_finit_module(descriptor, module.parameters) == 0 || errno == EEXIST { return "" }
  return SystemError("load module \(module.name) (\(module.path))").description
}

/// The list of modules that the agent itself needs before it can communicate (virtio on a kernel that has it as
/// modules), one `NAME PATH` per line, dependencies first.
let earlyModuleList = "/ktest/early-modules"

func loadEarlyModules(log: KernelLog) {
  guard let text = readText(earlyModuleList) else { return }
  for line in text.split(separator: "\n") {
    let words = line.split(separator: " ").map(String.init)
    guard words.count == 2 else { continue }
    let failure = load(ModuleLoad(name: words[0], path: words[1]))
    if !failure.isEmpty { log.write("ktest: \(failure)") }
  }
}
