/// A place where guests can run, opened and looked at once: what every run on it needs to know.
public struct OpenHost: Sendable {
  public var guests: any GuestHost
  public var settings: RunSettings
  /// What was asked for, which may be `auto`.
  public var accel: GuestOptions.Accel
  /// Version of QEMU; nil where there is none.
  public var qemu: String?
  /// Version of libvirt; nil where there is none.
  public var libvirt: String?
  /// Why guests run under TCG, for the user; nil where they were to, or where KVM works.
  public var notice: String?
  /// The machine that the guests' memory comes from.
  public var machine: RunManifest.Host

  public init(
    guests: any GuestHost, settings: RunSettings, accel: GuestOptions.Accel = .auto, qemu: String? = nil,
    libvirt: String? = nil, notice: String? = nil, machine: RunManifest.Host = .current()
  ) {
    self.guests = guests
    self.settings = settings
    self.accel = accel
    self.qemu = qemu
    self.libvirt = libvirt
    self.notice = notice
    self.machine = machine
  }

  /// The same host where the user was told already why guests run under TCG.
  public var unannounced: OpenHost {
    var host = self
    host.notice = nil
    return host
  }
}

extension Session {
  /// Opens libvirt, ends guests that killed runs have left there, and settles the accelerator.
  ///
  /// A process can open libvirt's embedded driver once: whoever runs more than once keeps the host.
  ///
  /// - Throws: `GuestError`, `VirtError`.
  public func openHost(_ options: GuestOptions) async throws -> OpenHost {
    let host = try LibvirtHost(uri: options.connect, stateDirectory: "\(places.cacheDirectory)/libvirt")
    for name in host.sweptGuests { display.notice("ended the guest \(name), which a killed run had left behind") }
    let qemu = try host.qemuVersion()
    let (accelerator, notice) = try await accelerator(options, on: host, qemu: qemu)
    return OpenHost(
      guests: host,
      settings: RunSettings(
        accelerator: accelerator, timeFactor: options.timeFactor, channel: options.channel),
      accel: options.accel, qemu: qemu, libvirt: LibvirtHost.libvirtVersion, notice: notice)
  }

  private func accelerator(
    _ options: GuestOptions, on host: LibvirtHost, qemu: String
  ) async throws -> (Accelerator, notice: String?) {
    switch options.accel {
    case .tcg: return (.tcg, nil)
    case .kvm: return (.kvm, nil)
    case .auto:
      // What /dev/kvm is like here says nothing about another host.
      if let connect = options.connect, !connect.hasPrefix("qemu:///") {
        return (.tcg, "guests on \(connect) run under TCG")
      }
      let state = try await KVMProbe(cacheDirectory: places.cacheDirectory).state(on: host, qemu: qemu)
      return state == .boots ? (.kvm, nil) : (.tcg, "\(state); guests run under TCG")
    }
  }
}
