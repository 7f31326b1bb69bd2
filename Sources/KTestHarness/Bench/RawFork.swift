internal import Foundation
import GuestProtocol
import KTestGuests
import KTestHost
import KTestValues

/// A guest that is stopped and forked by QEMU alone: its memory in a file, its state written without it
/// (`x-ignore-shared`, docs/devel/migration.rst in QEMU 7.2).
struct RawFork: Sendable {
  private let qemu: String
  private let machine: [String]
  private let memory: UInt64
  private let directory: String
  private static let limit = Duration.seconds(300)

  /// Throws ``Failure``, `KernelError`.
  init(_ planned: PlannedSuite, accelerator: Accelerator, qemu: String = "qemu-system-x86_64") throws {
    self.qemu = qemu
    machine = try RawGuest.machine(planned, accelerator: accelerator, commandLine: planned.commandLine)
    memory = planned.suite.guest.memory.bytes
    directory = "/dev/shm/ktest-bench-\(getpid())"
    try? FileManager.default.removeItem(atPath: directory)
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
    } catch { throw Failure(.host, "\(directory) cannot be created: \(error.localizedDescription)") }
  }

  func clean() { try? FileManager.default.removeItem(atPath: directory) }

  /// Boots the guest until its agent is there, and keeps its memory and state.
  func makeTemplate() async throws {
    try await withQEMU(shared: true) { agent, monitor in
      try await RawFork.hello(on: agent)
      _ = try await monitor.ask(#"{"execute": "stop"}"#)
      try await migrate(monitor, #"{"execute": "migrate", "arguments": {"uri": "exec:cat > \#(directory)/state"}}"#)
    }
  }

  /// Returns the seconds from the start of QEMU's process until the agent has answered.
  func clone() async throws -> Double {
    let clock = ContinuousClock()
    let start = clock.now
    return try await withQEMU(shared: false) { agent, monitor in
      try await migrate(
        monitor, #"{"execute": "migrate-incoming", "arguments": {"uri": "exec:cat \#(directory)/state"}}"#)
      _ = try await monitor.ask(#"{"execute": "cont"}"#)
      let entropy = (0..<32).map { _ in UInt8.random(in: 0 ... .max) }
      let now = UInt64(Date().timeIntervalSince1970 * 1e9)
      try agent.send(HostMessage.wake(entropy: entropy, nanoseconds: now).frame.encoded)
      try await RawFork.hello(on: agent)
      return (clock.now - start).inSeconds
    }
  }

  private static func hello(on agent: QEMULine) async throws {
    var decoder = FrameDecoder()
    try await agent.receive(within: limit) { bytes -> Void? in
      decoder.push(bytes)
      while let frame = try decoder.next() { if case .hello = try GuestMessage(frame: frame) { return () } }
      return nil
    }
  }

  private func migrate(_ monitor: RawMonitor, _ command: String) async throws {
    let capability = #"{"capability": "x-ignore-shared", "state": true}"#
    _ = try await monitor.ask(
      #"{"execute": "migrate-set-capabilities", "arguments": {"capabilities": [\#(capability)]}}"#)
    _ = try await monitor.ask(command)
    while true {
      switch MigrationStatus(try await monitor.ask(#"{"execute": "query-migrate"}"#)) {
      case .completed: return
      case .failed(let reason): throw Failure(.host, "QEMU alone cannot fork the guest: \(reason)")
      case .running: try await Task.sleep(for: .milliseconds(1))
      }
    }
  }

  /// Starts QEMU, and ends it when the body is done.
  ///
  /// - Parameter shared: whether what the guest writes goes to the file.
  private func withQEMU<Value: Sendable>(
    shared: Bool, _ body: @escaping @Sendable (QEMULine, RawMonitor) async throws -> Value
  ) async throws -> Value {
    let (agent, line) = (try QEMULine("\(directory)/agent"), try QEMULine("\(directory)/monitor"))
    let program = HostProgram(qemu, arguments(shared: shared))
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      defer { group.cancelAll() }
      group.addTask {
        let result = try await program.collect()
        if result.succeeded { return nil }
        throw Failure(.host, "QEMU alone failed: \(sanitised(String(result.complaint.suffix(400))))")
      }
      group.addTask {
        let monitor = RawMonitor(line)
        _ = try await monitor.ask(#"{"execute": "qmp_capabilities"}"#)
        let value = try await body(agent, monitor)
        _ = try await monitor.ask(#"{"execute": "quit"}"#)
        return value
      }
      guard let value = try await group.next() ?? nil else {
        throw Failure(.host, "QEMU alone has ended before it was told to")
      }
      _ = try await group.next()
      return value
    }
  }

  func arguments(shared: Bool) -> [String] {
    machine + [
      "-object",
      "memory-backend-file,id=ram,size=\(memory),mem-path=\(directory)/ram,share=\(shared ? "on" : "off")",
      "-machine", "q35,memory-backend=ram", "-serial", "file:\(directory)/console", "-chardev",
      "pipe,id=agent,path=\(directory)/agent", "-device", "virtio-serial-pci", "-device",
      "virtserialport,chardev=agent,name=\(Marker.channelName)", "-chardev",
      "pipe,id=monitor,path=\(directory)/monitor",
      "-mon", "chardev=monitor,mode=control",
    ] + (shared ? [] : ["-incoming", "defer"])
  }
}

/// QEMU's monitor (docs/interop/qmp-spec.txt), for one question after the other.
struct RawMonitor {
  private let line: QEMULine
  private static let limit = Duration.seconds(60)

  init(_ line: QEMULine) { self.line = line }

  /// Returns the answer. Events and the greeting are skipped. Throws ``Failure`` for an error.
  func ask(_ command: String) async throws -> String {
    try line.send(Array((command + "\n").utf8))
    var splitter = LineSplitter()
    return try await line.receive(within: RawMonitor.limit) { bytes in
      for piece in splitter.push(bytes) {
        let text = String(decoding: piece.bytes, as: UTF8.self)
        if text.hasPrefix(#"{"return""#) { return text }
        if text.hasPrefix(#"{"error""#) { throw Failure(.host, "QEMU alone refuses \(command): \(text)") }
      }
      return nil
    }
  }
}
