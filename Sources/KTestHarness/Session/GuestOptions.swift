/// Where and how guests run: what `--accel`, `--connect`, `--time-factor` and `--channel` say.
public struct GuestOptions: Sendable, Equatable {
  public enum Accel: String, Sendable, Codable, CaseIterable { case auto, kvm, tcg }

  /// How guests compute. `auto` believes KVM only after a guest has booted under it.
  public var accel: Accel
  /// A libvirt URI; nil for the embedded driver.
  public var connect: String?
  /// What the suites' timeouts are multiplied by; nil for 1 under KVM and 5 under TCG.
  public var timeFactor: Double?
  /// How the guest's agent is reached.
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
