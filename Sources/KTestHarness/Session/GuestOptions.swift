/// The options for guests: `--accel`, `--connect`, `--time-factor` and `--channel`.
public struct GuestOptions: Sendable, Equatable {
  public enum Accel: String, Sendable, Codable, CaseIterable { case auto, kvm, tcg }

  /// The accelerator; `auto` uses KVM only if a guest boots under it.
  public var accel: Accel
  /// The libvirt URI; nil for the embedded driver.
  public var connect: String?
  /// The factor for the suites' timeouts; nil for 1 under KVM and 5 under TCG.
  public var timeFactor: Double?
  /// The channel to the guest's agent.
  public var channel: GuestDescription.Channel

  public init(
    accel: Accel = .auto, connect: String? = nil, timeFactor: Double? = nil,
    channel: GuestDescription.Channel = .virtio
  ) {
    self.accel = accel
    self.connect = connect
    self.timeFactor = timeFactor
    self.channel = channel
  }
}
