internal import CVirt
internal import Foundation

/// libvirt's event loop, which runs once per process on its own thread. Stream and lifecycle callbacks run there, and
/// the embedded driver needs it (https://libvirt.org/drvqemu.html#embedded-driver).
enum VirtEventLoop {
  private static let started: Bool = {
    // libvirt's errors are thrown, so its log does not go to the terminal unless the user requests it.
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

  /// Starts the loop. Call it before the first connection.
  static func start() throws(VirtError) {
    guard started else { throw VirtError.last("set up its event loop") }
  }
}
