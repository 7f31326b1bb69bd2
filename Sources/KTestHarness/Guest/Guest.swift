public import GuestProtocol

/// What a guest does, in the order in which it happened as far as the host can tell.
public enum GuestEvent: Sendable, Equatable {
  /// Raw bytes of the kernel console.
  case console([UInt8])
  /// The agent speaks.
  case message(GuestMessage)
  /// The agent's channel carries something that is no message; nothing more will be read from it.
  case channelBroken(String)
  /// pvpanic fired. The console's last words still come.
  case panicked
  /// QEMU has ended and every byte it wrote has been delivered; nothing follows.
  case ended(End)

  public enum End: Sendable, Equatable {
    /// The guest powered itself off or reset itself.
    case poweredOff
    /// We ended it.
    case killed
    /// QEMU itself went away: killed by somebody, or crashed.
    case failed
  }
}

/// Why waiting for the next event came to an end.
public enum GuestWait: Sendable, Equatable {
  case event(GuestEvent)
  case deadline
  case cancelled
}

/// A guest that runs. Lives only inside ``GuestHost/withGuest(_:_:)``.
public protocol Guest: Sendable {
  /// The next event; `deadline` when the instant comes first, `cancelled` when the task is cancelled.
  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait
  /// Throws ``GuestError/gone`` when the guest has ended.
  func send(_ message: HostMessage) async throws
  /// Ends the guest at once; its `ended` event still comes.
  func kill() async
  /// Selftest: QEMU dies as if somebody else had killed it; nobody here knows why the guest ends.
  func killQEMU() async
}

extension Guest {
  /// A guest without a process of its own here is just ended.
  public func killQEMU() async { await kill() }
}

/// Where guests run: the one seam between the harness and virtualisation.
public protocol GuestHost: Sendable {
  /// Powers a guest on, hands it to `body`, and sees to it that it is gone afterwards, whatever `body` does.
  ///
  /// - Throws: what `body` throws, or why the guest could not be started.
  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result
}

/// What can go wrong with guests as such. None of it says anything about the kernel under test.
public enum GuestError: Error, Equatable, CustomStringConvertible {
  case gone(name: String)
  case noRoot(path: String, reason: String)
  case missingUser
  case missingQEMU(String)
  case driver(String)

  public var description: String {
    switch self {
    case .gone(let name): "guest \(name) has ended"
    case .noRoot(let path, let reason):
      "cannot use \(path) for libvirt's state: \(reason); give another place with --cache DIR"
    case .missingUser:
      "libvirt's QEMU driver needs the user 'libvirt-qemu' when ktest runs as root; "
        + "install it with 'apt-get install libvirt-daemon-system'"
    case .missingQEMU(let reason):
      "QEMU cannot be used (\(reason)); install it with 'apt-get install qemu-system-x86'"
    case .driver(let reason):
      "libvirt's QEMU driver cannot be used (\(reason)); install it with 'apt-get install libvirt-daemon-system'"
    }
  }
}
