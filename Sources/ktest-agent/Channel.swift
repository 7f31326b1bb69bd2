import Glibc
import GuestProtocol

/// The way to the host: a virtio-serial port, or the second ISA serial port where there is none.
struct Channel {
  let descriptor: Int32
  /// `virtio` or `serial`.
  let kind: String

  /// Waits for the port, whose driver probes beside us; two milliseconds between looks, because a kernel without
  /// CONFIG_NET has no uevent socket to wait on.
  static func open() -> Channel? {
    let started = uptimeMilliseconds()
    repeat {
      if let port = virtioPort() {
        let descriptor = Glibc.open("/dev/\(port)", O_RDWR | O_CLOEXEC)
        if descriptor >= 0 { return Channel(descriptor: descriptor, kind: "virtio") }
      }
      // Without the driver no port will ever come.
      if access("/sys/class/virtio-ports", F_OK) != 0 && access("/sys/bus/virtio/drivers/virtio_console", F_OK) != 0 {
        break
      }
      // Devices are found before us; it is the port of a device that may come a little later.
      if uptimeMilliseconds() > started + 200 && !hasVirtioConsole { break }
      pause(milliseconds: 2)
    } while uptimeMilliseconds() < started + 3000
    return serialPort()
  }

  private static func virtioPort() -> String? {
    entries(of: "/sys/class/virtio-ports").first {
      readText("/sys/class/virtio-ports/\($0)/name")?.split(separator: "\n").first.map(String.init)
        == Marker.channelName
    }
  }

  /// virtio device type 3 (include/uapi/linux/virtio_ids.h).
  private static var hasVirtioConsole: Bool {
    let devices = "/sys/bus/virtio/devices"
    return entries(of: devices).contains { readText("\(devices)/\($0)/device")?.hasPrefix("0x0003") == true }
  }

  private static func serialPort() -> Channel? {
    let descriptor = Glibc.open("/dev/ttyS1", O_RDWR | O_CLOEXEC | O_NOCTTY)
    guard descriptor >= 0 else { return nil }
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    cfmakeraw(&settings)
    cfsetspeed(&settings, speed_t(B115200))
    guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else { return nil }
    return Channel(descriptor: descriptor, kind: "serial")
  }

  /// Blocks until the host has room: what a case writes faster than the host reads waits in the case's pipe.
  func send(_ message: GuestMessage) {
    let bytes = message.frame.encoded
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent) }
      if count < 0 && (errno == EINTR || errno == EAGAIN) { continue }
      guard count > 0 else { return }
      sent += count
    }
  }
}
