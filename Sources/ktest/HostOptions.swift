public import ArgumentParser
public import KTestHarness

extension GuestOptions.Accel: ExpressibleByArgument {}

/// Where and how guests run.
struct HostOptions: ParsableArguments {
  @Option(help: "How guests compute; auto believes KVM only after a guest has booted under it.")
  var accel = GuestOptions.Accel.auto

  @Option(
    help: ArgumentHelp(
      "A libvirt URI such as qemu:///system; without it ktest runs libvirt's driver itself.", valueName: "uri"))
  var connect: String?

  @Option(help: ArgumentHelp("Multiply the suites' timeouts; 1 under KVM and 5 under TCG by default.", valueName: "x"))
  var timeFactor: Double?

  @Option(help: ArgumentHelp("How the guest's agent is reached.", visibility: .hidden))
  var channel = "virtio"

  func validate() throws {
    if let timeFactor, !(timeFactor > 0 && timeFactor <= 1000) {
      throw ValidationError("--time-factor is a number above 0 and at most 1000")
    }
    guard GuestDescription.Channel(rawValue: channel) != nil else {
      throw ValidationError("--channel is virtio or serial")
    }
  }

  var options: GuestOptions {
    GuestOptions(
      accel: accel, connect: connect, timeFactor: timeFactor,
      channel: GuestDescription.Channel(rawValue: channel) ?? .virtio)
  }
}
