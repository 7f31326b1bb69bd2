/// ELF files of kernels and modules, with errors in the words of ``KernelError``.
extension ELFFile {
  /// Throws for bytes that start like ELF but are for another machine or cut off. `name` is for the message.
  init(kernel bytes: ByteView, name: String) throws(KernelError) {
    do {
      try self.init(bytes)
    } catch {
      switch error {
      case .notELF: throw .notAKernel(name: name, what: error.description)
      case .truncated: throw .truncated(name: name)
      case .notSupported(let machine, let is32Bit, _):
        throw .wrongArchitecture(name: name, architecture: machine.kernelName(is32Bit: is32Bit))
      }
    }
    guard machine == .x86_64 else {
      throw .wrongArchitecture(name: name, architecture: machine.kernelName(is32Bit: false))
    }
  }

  /// Whether a note segment has the 32-bit entry point that QEMU's direct boot needs.
  ///
  /// Source: `XEN_ELFNOTE_PHYS32_ENTRY` in `include/xen/interface/elfnote.h`, `arch/x86/platform/pvh/head.S`.
  var hasPVHEntry: Bool {
    for segment in segments where segment.type == ELFFile.noteSegment {
      guard let notes = bytes.slice(segment.offset, segment.size) else { continue }
      let align = segment.align == 8 ? 8 : 4
      var offset = 0
      while let nameSize = notes.u32(offset), let size = notes.u32(offset + 4), let type = notes.u32(offset + 8) {
        if type == 18, notes.starts(with: Array("Xen\0".utf8), at: offset + 12), nameSize == 4 { return true }
        offset += 12 + nameSize.rounded(upTo: align)
        offset += size.rounded(upTo: align)
      }
    }
    return false
  }
}

extension ELFMachine {
  /// The name with its article, as in the kernel's makefiles.
  fileprivate func kernelName(is32Bit: Bool) -> String {
    switch number {
    case 8, 20, 21: "a \(name)"
    case 40: "a 32-bit ARM"
    case 62: is32Bit ? "an x32" : "an x86_64"
    case 183: "an aarch64"
    case 243: is32Bit ? "a riscv32" : "a riscv64"
    case 258: "a \(name)"
    case 3, 22: "an \(name)"
    default: "a machine-\(number)"
    }
  }
}

extension Int {
  fileprivate func rounded(upTo align: Int) -> Int { (self + align - 1) & ~(align - 1) }
}
