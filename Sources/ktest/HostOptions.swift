import ArgumentParser
import KTestHarness

/// Where and how guests run.
struct HostOptions: ParsableArguments {
  enum Accel: String, ExpressibleByArgument, CaseIterable { case auto, kvm, tcg }

  @Option(help: "How guests compute; auto believes KVM only after a guest has booted under it.")
  var accel = Accel.auto

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

  func open(_ places: Places) throws -> LibvirtHost {
    let host = try LibvirtHost(uri: connect, stateDirectory: "\(places.cacheDirectory)/libvirt")
    for name in host.sweptGuests {
      writeAll("ktest: ended the guest \(name), which a killed run had left behind\n", to: 2)
    }
    return host
  }

  /// Settles the accelerator. The notice, if any, is for the user.
  func settings(on host: LibvirtHost, qemu: String, places: Places) async throws -> (RunSettings, notice: String?) {
    let channel = GuestDescription.Channel(rawValue: channel) ?? .virtio
    func settings(_ accelerator: Accelerator) -> RunSettings {
      RunSettings(accelerator: accelerator, timeFactor: timeFactor, channel: channel)
    }
    switch accel {
    case .tcg: return (settings(.tcg), nil)
    case .kvm: return (settings(.kvm), nil)
    case .auto:
      // What /dev/kvm is like here says nothing about another host.
      if let connect, !connect.hasPrefix("qemu:///") { return (settings(.tcg), "guests on \(connect) run under TCG") }
      let state = try await KVMProbe(cacheDirectory: places.cacheDirectory).state(on: host, qemu: qemu)
      return state == .boots ? (settings(.kvm), nil) : (settings(.tcg), "\(state); guests run under TCG")
    }
  }
}
