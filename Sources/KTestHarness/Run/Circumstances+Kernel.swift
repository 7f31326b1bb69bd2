import KTestHost
import KTestValues

extension Circumstances {
  /// Creates the circumstances of a boot of that kernel.
  init(_ kernel: KernelBuild, _ commandLine: KernelCommandLine) {
    self.init(
      release: kernel.release, architecture: kernel.architecture.rawValue,
      parameters: commandLine.parameters.map { word in word.value.map { "\(word.name)=\($0)" } ?? word.name },
      has: { [config = kernel.config] wanted in config.map { Preflight.complaint(wanted, $0) == nil } ?? false })
  }
}
