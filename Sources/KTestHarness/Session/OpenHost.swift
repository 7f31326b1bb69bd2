package import KTestGuests

/// A host for guests, opened and inspected once for all runs on it.
package struct OpenHost: Sendable {
  package var guests: any GuestHost
  /// Whether it forks guests.
  var forks: Bool { guests.forkRefusal == nil }
  package var settings: RunSettings
  /// The requested accelerator, which may be `auto`.
  package var accel: GuestOptions.Accel
  /// The version of QEMU; nil if it is not installed.
  package var qemu: String?
  /// The version of libvirt; nil if it is not installed.
  package var libvirt: String?
  /// The reason why guests run under TCG; nil if TCG was requested or KVM works.
  package var notice: String?
  /// The machine that provides the guests' memory.
  package var machine: RunManifest.Host
  /// The directory in which the ktests of this machine tell each other what their guests take of it; nil if the guests are
  /// not on this machine, or nobody else uses it.
  package var shares: String?
  /// What runs the groups of a plan elsewhere; nil if guests run here.
  var executor: (any GroupExecutor)?

  package init(
    guests: any GuestHost, settings: RunSettings, accel: GuestOptions.Accel = .auto, qemu: String? = nil,
    libvirt: String? = nil, notice: String? = nil, machine: RunManifest.Host = .current(), shares: String? = nil
  ) {
    self.guests = guests
    self.settings = settings
    self.accel = accel
    self.qemu = qemu
    self.libvirt = libvirt
    self.notice = notice
    self.machine = machine
    self.shares = shares
  }

  /// The same host without the notice, if the user has already seen it.
  package var unannounced: OpenHost {
    var host = self
    host.notice = nil
    return host
  }
}

extension Session {
  /// Opens libvirt, ends guests that killed runs left there, and determines the accelerator.
  ///
  /// A process can open libvirt's embedded driver once: whoever runs more than once keeps the host.
  ///
  /// - Throws: `GuestError`, `VirtError`.
  package func openHost(_ options: GuestOptions) async throws -> OpenHost {
    if let elsewhere = options.elsewhere { return try await openFleet(elsewhere, options) }
    let host = try LibvirtHost(uri: options.connect, stateDirectory: "\(places.cacheDirectory)/libvirt")
    for name in host.sweptGuests { display.notice("ended the guest \(name), which a killed run left behind") }
    let qemu = try host.qemuVersion()
    let (accelerator, notice) = try await accelerator(options, on: host, qemu: qemu)
    return OpenHost(
      guests: host,
      settings: RunSettings(
        accelerator: accelerator, timeFactor: options.timeFactor, channel: options.channel),
      accel: options.accel, qemu: qemu, libvirt: LibvirtHost.libvirtVersion, notice: notice,
      shares: options.isHere ? ShareLedger.place : nil)
  }

  private func accelerator(
    _ options: GuestOptions, on host: LibvirtHost, qemu: String
  ) async throws -> (Accelerator, notice: String?) {
    switch options.accel {
    case .tcg: return (.tcg, nil)
    case .kvm: return (.kvm, nil)
    case .auto:
      // /dev/kvm on this host says nothing about another host.
      if !options.isHere { return (.tcg, "guests on \(options.connect ?? "") run under TCG") }
      let state = try await KVMProbe(cacheDirectory: places.cacheDirectory).state(on: host, qemu: qemu)
      return state == .boots ? (.kvm, nil) : (.tcg, "\(state); guests run under TCG")
    }
  }
}
