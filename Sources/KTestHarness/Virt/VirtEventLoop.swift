internal import CVirt
internal import Foundation

/// libvirt's event loop, once per process, on a thread of its own: stream and lifecycle callbacks run there, and the
/// embedded driver cannot work without it (https://libvirt.org/drvqemu.html#embedded-driver).
enum VirtEventLoop {
  private static let started: Bool = {
    // Unless the user wants to see it: libvirt's log is not for our terminal, its errors are thrown.
    setenv("LIBVIRT_LOG_OUTPUTS", "4:file:/dev/null", 0)
    guard virInitialize() == 0, virEventRegisterDefaultImpl() == 0 else { return false }
    virSetErrorFunc(nil) { _, _ in }
    let thread = Thread {
      while virEventRunDefaultImpl() >= 0 {}
    }
    thread.name = "libvirt events"
    thread.start()
    return true
  }()

  /// Must come before the first connection.
  static func start() throws(VirtError) {
    guard started else { throw VirtError.last("set up its event loop") }
  }
}
