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
  /// Does something to the guest from outside, to learn what it is about.
  ///
  /// - Parameter limit: of the host's time; a guest that QEMU has not answered for by then is ended.
  /// - Returns: the monitor's answer; empty for the others.
  /// - Throws: ``GuestError``, ``VirtError``: why it could not be done.
  func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String
  /// Seconds that the threads of the guest's processors were ready to run and had no processor of the host, since each
  /// began, by thread id; nil where that cannot be known.
  func processorWaits() async -> [Int32: Double]?
  /// Selftest: QEMU dies as if somebody else had killed it; nobody here knows why the guest ends.
  func killQEMU() async
}

extension Guest {
  /// A guest without a process of its own here is just ended.
  public func killQEMU() async { await kill() }

  public func processorWaits() async -> [Int32: Double]? { nil }

  /// A guest that nobody can look into from outside.
  public func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String {
    throw GuestError.noProbe("this host offers none")
  }
}

/// Ways to look into a guest without its agent.
public enum GuestProbe: Sendable, Equatable {
  /// A command of QEMU's human monitor, such as `info registers -a`.
  case monitor(String)
  /// A key of the magic SysRq by the console's serial line: a break, then the key.
  case sysrq(UInt8)
  /// A non-maskable interrupt. A kernel with `unknown_nmi_panic` says where it is, and panics.
  case nmi
  /// Memory and registers into a new ELF file. The guest stands still meanwhile.
  case memory(path: String)
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
  case noProbe(String)
  /// A file that QEMU needs cannot be given to it; `user` is whom it runs as, nil for ktest's own user.
  case unreadable(path: String, user: String?, reason: String)

  public var description: String {
    switch self {
    case .gone(let name): "guest \(name) has ended"
    case .noRoot(let path, let reason):
      "cannot use \(path) for libvirt's state: \(reason); give another place with --cache DIR"
    case .unreadable(let path, let user, let reason):
      "cannot give \(path) to QEMU\(user.map { ", which runs as \($0)" } ?? ""): \(reason)"
    case .missingUser:
      "guests run as the user 'libvirt-qemu' when ktest runs as root, and there is none; "
        + "install it with 'apt-get install libvirt-daemon-system'"
    case .missingQEMU(let reason):
      "QEMU cannot be used (\(reason)); install it with 'apt-get install qemu-system-x86'"
    case .noProbe(let reason): "the guest cannot be looked into: \(reason)"
    case .driver(let reason):
      "libvirt's QEMU driver cannot be used (\(reason)); install it with 'apt-get install libvirt-daemon-system'"
    }
  }
}
