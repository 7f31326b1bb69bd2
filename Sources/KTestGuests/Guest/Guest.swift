package import GuestProtocol

/// An event of a guest. Events come in the order in which they happened, as far as the host can tell.
package enum GuestEvent: Sendable, Equatable {
  /// Raw bytes of the kernel console.
  case console([UInt8])
  /// A message from the agent.
  case message(GuestMessage)
  /// The agent's channel carried something that is not a message; nothing more is read from it.
  case channelBroken(String)
  /// pvpanic fired. The last console output still follows.
  case panicked
  /// QEMU has ended and every byte that it wrote has been delivered; nothing follows.
  case ended(End)

  package enum End: Sendable, Equatable {
    /// The guest powered itself off or reset itself.
    case poweredOff
    /// ktest ended it.
    case killed
    /// QEMU itself was killed by somebody or crashed.
    case failed
  }
}

/// The result of waiting for the next event.
package enum GuestWait: Sendable, Equatable {
  case event(GuestEvent)
  case deadline
  case cancelled
}

/// A running guest. It exists only inside ``GuestHost/withGuest(_:_:)``.
package protocol Guest: Sendable {
  /// Returns the next event; `deadline` if the instant comes first, `cancelled` if the task is cancelled.
  func next(before deadline: ContinuousClock.Instant?) async -> GuestWait
  /// Sends a message to the agent. Throws ``GuestError/gone`` if the guest has ended.
  func send(_ message: HostMessage) async throws
  /// Ends the guest immediately; its `ended` event still follows.
  func kill() async
  /// Inspects the guest from outside.
  ///
  /// - Parameter limit: the host's time; if QEMU has not answered by then, the guest is ended.
  /// - Returns: the monitor's answer; empty for other probes.
  /// - Throws: ``GuestError``, ``VirtError``.
  func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String
  /// Looks whether the guest printed more on its console than has arrived, and brings the rest as an event.
  func catchUp() async
  /// Returns for how many seconds each thread of the guest's processors has waited for a processor of the host since it
  /// started, by thread id, or nil if this is unknown.
  func processorWaits() async -> [Int32: Double]?
  /// Returns what QEMU's plugin has written since the last call; nil if the guest has none.
  func takeFunctionCounts() async -> [UInt8]?
  /// Stops a guest whose origin is ``GuestDescription/Origin/template``, and keeps its memory and state. Its `ended` event
  /// follows, as after ``kill()``.
  ///
  /// - Parameter limit: the host's time; if QEMU has not written the state by then, the guest is ended.
  /// - Throws: ``GuestError/noFork(_:)``, whatever went wrong.
  func freeze(within limit: Duration) async throws(GuestError) -> GuestTemplate
  /// Kills QEMU as if somebody else had done it, for the selftest: the harness does not know why the guest ends.
  func killQEMU() async
}

extension Guest {
  /// Ends a guest that has no process of its own on this host.
  package func killQEMU() async { await kill() }

  /// Does nothing, for a guest whose console loses nothing.
  package func catchUp() async {}

  package func processorWaits() async -> [Int32: Double]? { nil }

  package func takeFunctionCounts() async -> [UInt8]? { nil }

  /// Refuses, for a guest that cannot be forked.
  package func freeze(within limit: Duration) async throws(GuestError) -> GuestTemplate {
    throw .noFork("this host does not support it")
  }

  /// Refuses, for a guest that cannot be inspected from outside.
  package func probe(_ probe: GuestProbe, within limit: Duration) async throws -> String {
    throw GuestError.noProbe("this host does not support it")
  }
}

/// The ways to inspect a guest without its agent.
package enum GuestProbe: Sendable, Equatable {
  /// A command of QEMU's human monitor, such as `info registers -a`.
  case monitor(String)
  /// A magic SysRq key on the console's serial line: a break, then the key.
  case sysrq(UInt8)
  /// A non-maskable interrupt. A kernel with `unknown_nmi_panic` prints where it is, and panics.
  case nmi
  /// Writes memory and registers to a new ELF file. The guest is paused meanwhile.
  case memory(path: String)
}

/// What became of the search for a template of an earlier run.
package enum KeptTemplate: Sendable {
  case none
  case found(GuestTemplate, TemplateOrigin)
  /// There was one, and it is removed; the text says what is wrong with it.
  case damaged(String)
}

/// A host for guests: the only interface between the harness and virtualisation.
package protocol GuestHost: Sendable {
  /// Starts a guest, passes it to `body`, and makes sure that it is gone afterwards, whatever `body` does.
  ///
  /// - Throws: the error of `body`, or the reason why the guest could not be started.
  func withGuest<Result: Sendable>(
    _ description: GuestDescription, _ body: (any Guest) async throws -> Result
  ) async throws -> Result
  /// Why this host does not fork guests; nil if it does.
  var forkRefusal: String? { get }
  /// Starts a clone that will be needed soon, up to the point where it waits for its template's state. The next
  /// ``withGuest(_:_:)`` with a clone of the same template takes it.
  ///
  /// - Parameter needed: returns how many will be needed. Where as many of the template stand by, none is started.
  func anticipate(_ clone: GuestDescription, needed: @Sendable () -> Int) async
  /// Looks for a template that an earlier run has kept.
  ///
  /// - Parameters:
  ///   - description: of the guest that would be booted otherwise.
  ///   - preparation: what was done to it before it was stopped, in any words that differ where that differs.
  func keptTemplate(_ description: GuestDescription, after preparation: String) async -> KeptTemplate
  /// Keeps a template for later runs, if there is room.
  func keep(_ template: GuestTemplate, after preparation: String, from origin: TemplateOrigin) async
  /// Gives up a kept template, whose clones do not answer.
  func discard(_ template: GuestTemplate) async
  /// Waits until the clones that were anticipated stand by.
  func waitForStandby() async
  /// Waits until no guest of this host is left. Call it before the process ends.
  func waitForEndings() async
}

extension GuestHost {
  package var forkRefusal: String? { "this host does not support it" }

  package func anticipate(_ clone: GuestDescription, needed: @Sendable () -> Int) async {}

  package func keptTemplate(_ description: GuestDescription, after preparation: String) async -> KeptTemplate { .none }
  package func keep(_ template: GuestTemplate, after preparation: String, from origin: TemplateOrigin) async {}
  package func discard(_ template: GuestTemplate) async {}
  package func waitForStandby() async {}

  /// A host whose guests are gone when ``withGuest(_:_:)`` returns has nothing to wait for.
  package func waitForEndings() async {}
}

/// Errors about guests. None of them says anything about the kernel under test.
package enum GuestError: Error, Equatable, CustomStringConvertible {
  case gone(name: String)
  case noRoot(path: String, reason: String)
  case missingUser
  case missingQEMU(String)
  case driver(String)
  /// Running ktests cannot tell each other what their guests take of the host.
  case noLedger(path: String, reason: String)
  case noProbe(String)
  /// A guest cannot be a template or a clone. It can be booted.
  case noFork(String)
  /// The driver does not start a guest whose clock counts instructions.
  case refusedClock(String)
  /// QEMU does not load the plugin that counts functions.
  case refusedPlugin(String)
  /// QEMU cannot be given access to a file that it needs; `user` is whom it runs as, nil for ktest's own user.
  case unreadable(path: String, user: String?, reason: String)

  package var description: String {
    switch self {
    case .gone(let name): "guest \(name) has ended"
    case .noRoot(let path, let reason):
      "cannot use \(path) for libvirt's state: \(reason); choose another directory with --cache DIR"
    case .unreadable(let path, let user, let reason):
      "cannot give \(path) to QEMU\(user.map { ", which runs as \($0)" } ?? ""): \(reason)"
    case .missingUser:
      "guests run as the user 'libvirt-qemu' when ktest runs as root, but there is no such user; "
        + "install it with 'apt-get install libvirt-daemon-system'"
    case .missingQEMU(let reason):
      "cannot use QEMU (\(reason)); install it with 'apt-get install qemu-system-x86'"
    case .refusedClock(let reason):
      "libvirt did not start a guest whose clock counts instructions (\(reason)); if its driver does not allow TCG or "
        + "qemu:commandline with '\(CountingMachine.summary)', run without --connect, or with --clock time"
    case .refusedPlugin(let reason):
      "QEMU does not load ktest's plugin that counts functions (\(reason)); it must be QEMU 7.2 to 8.2, built with TCG "
        + "plugins: run without --functions"
    case .noLedger(let path, let reason):
      "cannot use \(path), where running ktests note what their guests take of this host: \(reason); remove it, or run "
        + "without --guests"
    case .noFork(let reason): "cannot fork the guest: \(reason)"
    case .noProbe(let reason): "cannot inspect the guest: \(reason)"
    case .driver(let reason):
      "cannot use libvirt's QEMU driver (\(reason)); install it with 'apt-get install libvirt-daemon-system'"
    }
  }
}
