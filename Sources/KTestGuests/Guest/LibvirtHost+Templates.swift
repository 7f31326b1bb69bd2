internal import Foundation
import KTestHost
import KTestValues

/// Templates that are kept for later runs.
extension LibvirtHost {
  package func keptTemplate(_ description: GuestDescription, after preparation: String) async -> KeptTemplate {
    guard let memory = try? forks.get(), let key = key(of: description, after: preparation) else { return .none }
    var template = description
    template.origin = .template
    do {
      switch try memory.take(key, of: templates, for: template) {
      case (.found(let origin, _), let found?): return .found(found, origin)
      case (.damaged(let what), _): return .damaged(what)
      default: return .none
      }
    } catch { return .damaged("\(error)") }
  }

  package func keep(_ template: GuestTemplate, after preparation: String, from origin: TemplateOrigin) async {
    let stopped = Date() - Double((ContinuousClock.now - template.stopped) / .milliseconds(1)) / 1000
    later {
      guard let key = self.key(of: template.description, after: preparation) else { return }
      self.templates.put(
        key, from: template.directory, files: DomainXML.memoryFiles(of: template.description), origin: origin,
        stopped: stopped, available: HostRoom.now().available)
    }
  }

  /// How many templates are kept, and the memory that they take in bytes.
  package var keptTemplates: (count: Int, bytes: UInt64) { templates.content }

  package func discard(_ template: GuestTemplate) async {
    if let key = template.key { templates.remove(key) }
  }

  /// The mark of QEMU's program: its version does not tell one build of a distribution from the next.
  private var emulator: FileMark? {
    guard let path = HostProgram.path(of: "qemu-system-x86_64"), let program = realpath(path, nil) else { return nil }
    defer { free(program) }
    return FileMark(String(cString: program))
  }

  /// Returns the digest of all that determines a template; nil if a file cannot be read.
  private func key(of description: GuestDescription, after preparation: String) -> String? {
    var plain = description
    (plain.name, plain.origin) = ("ktest", .template)
    guard let kernel = try? RegularFile(description.kernel).digest(), let emulator,
      let qemu = try? qemuVersion()
    else { return nil }
    plain.kernel = kernel
    if let initramfs = description.initramfs {
      guard let digest = try? RegularFile(initramfs).digest() else { return nil }
      plain.initramfs = digest
    }
    let xml = DomainXML(plain, consoleLog: nil, owner: "", exitsByItself: true, user: guestUser).text
    return SHA256.hex(
      of: [xml, qemu, emulator.text, LibvirtHost.libvirtVersion, preparation].joined(separator: "\0"))
  }
}
