import Glibc
import GuestProtocol

/// The channel to the host: a virtio-serial port, or the second ISA serial port if there is none.
struct Channel {
  let descriptor: Int32
  /// The kind: `virtio` or `serial`.
  let kind: String

  /// Waits for the port, whose driver probes concurrently. It looks every two milliseconds, because a kernel without
  /// CONFIG_NET has no uevent socket to wait on.
  ///
  /// - Parameter patience: how many times longer it waits, by a clock that jumps ahead while the guest waits.
  static func open(patience: UInt64) -> Channel? {
    let started = uptimeMilliseconds()
    repeat {
      if let port = virtioPort() {
        let descriptor = Glibc.open("/dev/\(port)", O_RDWR | O_CLOEXEC | O_NONBLOCK)
        if descriptor >= 0 { return Channel(descriptor: descriptor, kind: "virtio") }
      }
      // Without the driver, no port will ever appear.
      if access("/sys/class/virtio-ports", F_OK) != 0 && access("/sys/bus/virtio/drivers/virtio_console", F_OK) != 0 {
        break
      }
      // Devices are found before the agent starts; only the port of a device may appear a little later.
      if uptimeMilliseconds() > started + 200 * patience && !hasVirtioConsole { break }
      pause(milliseconds: 2)
    } while uptimeMilliseconds() < started + 3000 * patience
    return serialPort()
  }

  private static func virtioPort() -> String? {
    entries(of: "/sys/class/virtio-ports").first {
      readText("/sys/class/virtio-ports/\($0)/name")?.split(separator: "\n").first.map(String.init)
        == Marker.channelName
    }
  }

  /// Whether there is a device of virtio type 3 (include/uapi/linux/virtio_ids.h).
  private static var hasVirtioConsole: Bool {
    let devices = "/sys/bus/virtio/devices"
    return entries(of: devices).contains { readText("\(devices)/\($0)/device")?.hasPrefix("0x0003") == true }
  }

  private static func serialPort() -> Channel? {
    let descriptor = Glibc.open("/dev/ttyS1", O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    var settings = termios()
    guard tcgetattr(descriptor, &settings) == 0 else { return nil }
    cfmakeraw(&settings)
    cfsetspeed(&settings, speed_t(B115200))
    guard tcsetattr(descriptor, TCSANOW, &settings) == 0 else { return nil }
    return Channel(descriptor: descriptor, kind: "serial")
  }

  /// Waits until the host can be written to: a virtio port accepts nothing, and would block forever, while nobody is
  /// connected to its other end.
  func waitForHost(milliseconds: UInt64) -> Bool {
    let started = uptimeMilliseconds()
    var looks = 0
    // The clock continues when the guest does not run: on a sleeping or overloaded host, the number of attempts counts.
    while uptimeMilliseconds() < started + milliseconds || looks < 500 {
      looks += 1
      var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      // A port without a host is ready at once, with POLLHUP.
      if poll(&entry, 1, 100) > 0, entry.revents & Int16(POLLOUT) != 0, entry.revents & Int16(POLLHUP) == 0 {
        return true
      }
      pause(milliseconds: 2)
    }
    return false
  }

  /// Sends a message, waiting until the host has room: if a case writes faster than the host reads, its output waits in
  /// its pipe. Returns false if the host is gone.
  func send(_ message: GuestMessage) -> Bool {
    let bytes = message.frame.encoded
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress?.advanced(by: sent), bytes.count - sent) }
      if count > 0 {
        sent += count
      } else if count < 0 && errno == EAGAIN {
        var entry = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        if poll(&entry, 1, -1) > 0, entry.revents & Int16(POLLHUP) != 0 { return false }
      } else if count == 0 || errno != EINTR {
        return true
      }
    }
    return true
  }
}
