package import KTestGuests

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
