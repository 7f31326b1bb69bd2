internal import GuestProtocol
import KTestGuests
import KTestValues

extension BootSession {
  /// Returns the outcome of a kernel that did not reach the agent, with its last output.
  func neverReady() async throws -> BootOutcome {
    let tooLate = end == nil && !isCancelled
    let hasDied = hasPanicked
    if tooLate {
      if hasDied {
        await keepMemory(.onCrash)
      } else if brokenChannel == nil, hello == nil {
        try await lookIntoHang(byAgent: false)
      }
      await guest.kill()
    }
    try await wait(before: deadline(in: .seconds(15))) { end != nil }
    let found = takeSplatsOfBoot()
    if let fault = emulatorFault, !isCancelled { return try await outcome(after: fault, found) }
    let last = watch.tail.last { !$0.allSatisfy(\.isWhitespace) } ?? "no output"
    let said = "its last line: \(last)"
    let verdict: Verdict
    let why: VerdictReason
    if isCancelled {
      (verdict, why) = (.error, .interrupted)
    } else if let hello, hello.version != Hello.currentVersion {
      let text = "the image's agent speaks another version of the protocol; rebuild the image"
      (verdict, why) = (.error, VerdictReason(.harness, text))
    } else if let brokenChannel {
      (verdict, why) = (.error, VerdictReason(.harness, brokenChannel))
    } else if tooLate, hasDied || found.contains(where: \.isFatal) {
      let panic = found.last(where: \.isFatal)
      let title = panic?.title ?? "it panicked; \(said)"
      let isImage = BootSession.blamesImage(title)
      let kind: VerdictCause.Kind = isImage ? .harness : panic == nil ? .guestEnded : .fatalSplat
      why = VerdictReason(kind, "the kernel did not reach user space: \(title)", names: panic.map { [$0.title] } ?? [])
      verdict = isImage ? .error : .crash
    } else if tooLate {
      let limit = bootStretch?.text ?? "\(Int(settings.scaled(settings.bootTimeout).inSeconds)) s"
      let seconds = bootStretch == nil ? " of the host" : ""
      let clock = settings.countsInstructions ? "\(seconds), while its clock counts instructions" : ""
      let text = "the kernel did not reach the agent within \(limit)\(clock); \(said)"
      why = bootStretch?.reason(text) ?? VerdictReason(.timeout, text)
      verdict = bootStretch?.isExhausted == true ? .error : .timeout
    } else if end == .failed || end == .killed {
      (verdict, why) = (.error, VerdictReason(.harness, "QEMU ended before the kernel reached the agent; \(said)"))
    } else if let panic = found.map(SplatNote.init).first(where: \.isPanic), BootSession.blamesImage(panic.title) {
      let text = "the kernel found no init in the image, or could not run it: \(panic.title)"
      (verdict, why) = (.error, VerdictReason(.harness, text, names: [panic.title]))
    } else if let panic = found.last {
      let text = "the kernel did not reach user space: \(panic.title)"
      (verdict, why) = (.crash, VerdictReason(panic.isFatal ? .fatalSplat : .splat, text, names: [panic.title]))
    } else {
      let text = "the kernel reset or powered off before it reached the agent; \(said)"
      (verdict, why) = (.crash, VerdictReason(.guestEnded, text))
    }
    return outcome(
      remaining: isCancelled ? plan.cases : [], hopeless: isCancelled ? nil : (verdict, why), verdict: verdict,
      why: why, found)
  }

  /// Returns whether the panic blames the initramfs (`init/main.c`, `init/do_mounts.c`, `kernel/exit.c`).
  private static func blamesImage(_ title: String) -> Bool {
    ["No working init found", "Unable to mount root fs", "Attempted to kill init", "Requested init"]
      .contains { title.contains($0) }
  }
}
