package import KTestGuests
import KTestHost
import KTestValues

/// The options for guests: `--accel`, `--connect`, `--time-factor` and `--channel`.
package struct GuestOptions: Sendable, Equatable {
  package enum Accel: String, Sendable, Codable, CaseIterable { case auto, kvm, tcg }

  /// The accelerator; `auto` uses KVM only if a guest boots under it.
  package var accel: Accel
  /// The libvirt URI; nil for the embedded driver.
  package var connect: String?
  /// The factor for the suites' timeouts; nil for 1 under KVM and 5 under TCG.
  package var timeFactor: Double?
  /// The channel to the guest's agent.
  package var channel: GuestDescription.Channel

  /// Where groups of a run are run, the value of `--on`: `slurm`, `slurm:PARTITION`, or a file of hosts; nil for here.
  package var elsewhere: String?

  /// Whether guests run on this host.
  package var isHere: Bool { connect?.hasPrefix("qemu:///") ?? true }

  package init(
    accel: Accel = .auto, connect: String? = nil, timeFactor: Double? = nil,
    channel: GuestDescription.Channel = .virtio
  ) {
    self.accel = accel
    self.connect = connect
    self.timeFactor = timeFactor
    self.channel = channel
  }
}

extension GuestOptions.Accel {
  /// Throws ``Failure`` if a suite's guest cannot have the clock that it asks for.
  ///
  /// - Parameters:
  ///   - clock: the clock of all guests; nil for what the suite says.
  ///   - advice: what else helps than another accelerator; may be empty.
  func check(_ suite: Suite, clock: GuestClock? = nil, advice: String = "") throws {
    guard self == .kvm, (clock ?? suite.guest.clock) == .instructions else { return }
    throw Failure(
      .usage,
      "suite \(suite.name): a guest whose clock counts instructions runs under TCG, never under KVM; remove --accel kvm"
        + advice)
  }
}
