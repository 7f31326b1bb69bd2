/// The reasons why there is no kernel to boot. The description says what failed, with what, and what to do.
package enum KernelError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The value of `--kernel`, and what is wrong with it.
  case badSource(String, String)
  case notFound(path: String)
  case unreadable(path: String, reason: String)
  /// The file is not a kernel; `what` says what it is.
  case notAKernel(name: String, what: String)
  case wrongArchitecture(name: String, architecture: String)
  /// QEMU cannot start the ELF kernel: it has no PVH note, and there is no `bzImage` next to it.
  case notBootable(name: String)
  case truncated(name: String)
  /// A kernel source or build tree has no image.
  case notBuilt(directory: String)
  /// A directory is neither a build tree nor an unpacked package.
  case noKernelIn(directory: String)
  case severalKernelsIn(directory: String, images: [String])
  /// No image of an installed kernel was found.
  case notInstalled(release: String, isRunning: Bool)
  case badPackage(path: String, reason: String)
  case noSuchPackage(name: String, nearest: [String])
  case noPackageLists
  /// An exact version of a package that a kernel's files are in is not in the archive; `present` are other versions.
  case partMissing(kernel: String, part: String, version: String, present: [String])
  case noSuchSuite(name: String)
  /// The lists of a suite have no signature of a key in the keyring.
  case untrustedSuite(name: String, keyring: String, reason: String)
  case unreachableSuite(name: String, reason: String)
  /// This machine's apt has no repository of Debian's.
  case noMirror(suite: String)
  case toolMissing(tool: String, package: String, purpose: String)
  case toolFailed(tool: String, purpose: String, output: String)
  case fetchFailed(package: String, reason: String)
  case noModules(label: String, wanted: [String])
  case badModule(path: String, reason: String)
  /// The running kernel would refuse to load the module.
  case foreignModule(path: String, built: String, release: String)
  case badCommandLine(String)
  case cacheUnwritable(path: String, reason: String)
  /// A cache entry that was named by its path has changed since it was stored.
  case cacheDamaged(path: String)
  /// The image does not contain what its header says, so it would not boot.
  case badImage(name: String, reason: String)
  /// A program wrote, or was about to write, more than `limit` bytes.
  case tooLarge(name: String, limit: Int)

  /// Whether the kernel itself is at fault, so that another one may be had.
  package var isOfOneKernel: Bool {
    switch self {
    case .partMissing, .badPackage, .badImage, .truncated, .tooLarge, .notBootable: true
    default: false
    }
  }

  package var description: String {
    switch self {
    case .badSource(let text, let advice): "kernel source \"\(text)\": \(advice)"
    case .notFound(let path):
      "\(path): no such file or directory; --kernel takes a build tree, an image, an unpacked package, a .deb, an .rpm or debian:NAME"
    case .unreadable(let path, let reason): "cannot read \(path): \(reason)"
    case .notAKernel(let name, let what): "\(name) is not a kernel but \(what); give a vmlinux or a bzImage"
    case .wrongArchitecture(let name, let architecture):
      "\(name) is \(architecture) kernel; ktest runs x86_64 guests"
    case .notBootable(let name):
      "\(name) has no PVH entry, so QEMU cannot start it; build it with CONFIG_PVH=y, or give its bzImage"
    case .truncated(let name): "\(name) is truncated; copy or build it again"
    case .notBuilt(let directory):
      "the kernel tree \(directory) has no image; run make -j$(nproc) vmlinux modules there"
    case .noKernelIn(let directory):
      "\(directory) is neither a kernel build tree nor an unpacked kernel package: there is no vmlinux, "
        + "arch/x86/boot/bzImage, boot/vmlinuz-* or lib/modules/*/vmlinuz in it"
    case .severalKernelsIn(let directory, let images):
      "\(directory) has several kernels; name one of \(images.joined(separator: ", "))"
    case .notInstalled(let release, let isRunning):
      (isRunning ? "this machine runs the kernel \(release), but" : "the kernel \(release) is not installed:")
        + " there is neither /boot/vmlinuz-\(release) nor /lib/modules/\(release)/vmlinuz"
        + (isRunning ? ", as in a container; name another kernel" : "")
    case .badPackage(let path, let reason): "\(path) is not a usable kernel package: \(reason)"
    case .noSuchPackage(let name, let nearest):
      "no package matches debian:\(name); "
        + (nearest.isEmpty
          ? "the package lists have nothing like it; check the apt sources"
          : "there is \(nearest.map { "debian:\($0)" }.joined(separator: ", "))")
    case .noPackageLists: "apt has no package lists; run apt-get update as root"
    case .partMissing(let kernel, let part, let version, let present):
      "debian:\(kernel) cannot be had: it consists of several packages, and \(part) is not in the archive in version "
        + version + (present.isEmpty ? "" : ", only in \(present.joined(separator: ", "))") + "; choose another build"
    case .noSuchSuite(let name):
      "Debian's archive has no suite \(name) with packages for amd64; suites are for example sid and trixie-backports"
    case .untrustedSuite(let name, let keyring, let reason):
      "the package lists of \(name) are not signed with a key in \(keyring): \(reason); nothing of this suite is used"
    case .unreachableSuite(let name, let reason):
      "cannot fetch the package lists of \(name): \(reason); check the network and the mirror in apt's sources"
    case .noMirror(let suite):
      "apt's sources have no repository of Debian's that could have the suite \(suite); add one with main"
    case .toolMissing(let tool, let package, let purpose):
      "\(tool) is needed to \(purpose), but is not installed; install the package \(package)"
    case .toolFailed(let tool, let purpose, let output): "\(tool) failed to \(purpose): \(output)"
    case .fetchFailed(let package, let reason):
      "cannot download \(package): \(reason); check the network and run apt-get update"
    case .noModules(let label, let wanted):
      "kernel \(label) has no modules, but \(wanted.joined(separator: ", ")) must be loaded; "
        + "run make modules in its tree, or give its package or build directory"
    case .badModule(let path, let reason): "\(path) is not a usable kernel module: \(reason)"
    case .foreignModule(let path, let built, let release):
      "\(path) was built for \(built), the kernel is \(release); run make modules again"
    case .badCommandLine(let reason): "kernel command line: \(reason)"
    case .cacheUnwritable(let path, let reason): "cannot write to the kernel cache \(path): \(reason)"
    case .cacheDamaged(let path):
      "the cached kernel \(path) is damaged: a file in it has changed; remove the directory, and fetch or "
        + "build the kernel again"
    case .badImage(let name, let reason): "\(name) is damaged: \(reason); copy or build it again"
    case .tooLarge(let name, let limit):
      "\(name) unpacks to more than \(limit) bytes, which is more than its header says, or too much for a kernel"
    }
  }
}
