internal import GuestProtocol
import KTestGuests
import KTestValues

/// The events that a run emits about a guest, besides the ends of its cases.
extension BootSession {
  /// Emits splats as soon as they are complete, and one that has begun. After a failure of the emulator nothing that the
  /// guest says counts, and no event is emitted.
  func announce(_ found: [Splat]) async throws {
    var begun = emulatorFault == nil ? watch.pending : nil
    if let splat = begun, settings.accelerator == .tcg, EmulatorFault(splat, waits: waits, elapsed: clockLimit) != nil {
      begun = nil
    }
    let events = announcer.events(of: plan.id, found: found, begun: begun) { splat in
      plan.cases.contains { $0.planned.suite.allows(splat) }
    }
    for event in events { try await emit(event) }
  }

  /// Emits the command line that the kernel runs with, and a notice if it is not the one that it was given: a kernel may
  /// have one built in.
  func tellCommandLine(_ hello: Hello) async throws {
    let booted = hello.commandLine.clipped(to: 4096)
    guard !booted.isEmpty else { return }
    try await emit(.commandLine(boot: plan.id, text: booted))
    let planned = try plan.description().commandLine
    guard let difference = KernelCommandLine.difference(planned: planned, booted: booted) else { return }
    try await emit(.notice("boot \(plan.id): the kernel's command line is not the planned one: \(difference)"))
  }
}

extension KernelCommandLine {
  /// How the line that a kernel runs with differs from the planned one; nil if it does not.
  package static func difference(planned: String, booted: String) -> String? {
    guard planned != booted else { return nil }
    guard let (planned, booted) = try? (KernelCommandLine(parsing: planned), KernelCommandLine(parsing: booted)) else {
      return "it is '\(booted)'"
    }
    guard planned != booted else { return nil }
    func only(_ line: KernelCommandLine, notIn other: KernelCommandLine) -> String {
      KernelCommandLine(line.parameters.filter { !other.parameters.contains($0) }).description
    }
    let (missing, added) = (only(planned, notIn: booted), only(booted, notIn: planned))
    let parts = [missing.isEmpty ? nil : "it lacks '\(missing)'", added.isEmpty ? nil : "it has '\(added)' as well"]
    let text = parts.compactMap(\.self).joined(separator: ", and ")
    return text.isEmpty ? "its parameters have another order" : text
  }
}
