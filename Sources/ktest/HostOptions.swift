import ArgumentParser
import KTestGuests
import KTestHarness

extension GuestOptions.Accel: ExpressibleByArgument {}

/// The options for where and how guests run.
struct HostOptions: ParsableArguments {
  @Option(help: "The accelerator; auto uses KVM only if a guest boots under it.")
  var accel = GuestOptions.Accel.auto

  @Option(
    help: ArgumentHelp(
      "A libvirt URI such as qemu:///system; the default is libvirt's embedded driver.", valueName: "uri"))
  var connect: String?

  @Option(
    help: ArgumentHelp("Multiply the suites' timeouts; the default is 1 under KVM and 5 under TCG.", valueName: "x"))
  var timeFactor: Double?

  @Option(
    help: ArgumentHelp(
      "Run on other hosts: slurm, slurm:PARTITION, or a file of hosts that are reached by ssh.", valueName: "where"))
  var on: String?

  @Option(help: ArgumentHelp("The channel to the guest's agent.", visibility: .hidden))
  var channel = "virtio"

  func validate() throws {
    if let timeFactor, !(timeFactor > 0 && timeFactor <= 1000) {
      throw ValidationError("--time-factor must be above 0 and at most 1000")
    }
    if on != nil, connect != nil { throw ValidationError("--on and --connect both say where guests run; give one") }
    guard GuestDescription.Channel(rawValue: channel) != nil else {
      throw ValidationError("--channel must be virtio or serial")
    }
  }

  var options: GuestOptions {
    var options = GuestOptions(
      accel: accel, connect: connect, timeFactor: timeFactor,
      channel: GuestDescription.Channel(rawValue: channel) ?? .virtio)
    options.elsewhere = on
    return options
  }
}
