internal import Foundation
import KTestGuests

/// One thing that `ktest doctor` found.
package struct HostFinding: Sendable, Equatable {
  package enum Kind: String, Codable, Sendable {
    case good
    /// Without this ktest cannot run guests.
    case bad
    case note
  }

  package var kind: Kind
  package var text: String

  init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}

extension Session {
  /// Finds out what this host can do, and what is missing.
  ///
  /// - Parameters:
  ///   - connect: a libvirt URI; nil for the embedded driver.
  ///   - say: gets each finding when it is found.
  package func examineHost(connect: String?, say: (HostFinding) -> Void) async -> HostReport {
    var report = HostReport(places)
    func tell(_ finding: HostFinding) {
      if finding.kind == .bad { report.good = false }
      report.findings.append(HostReport.Finding(kind: finding.kind, text: finding.text))
      say(finding)
    }
    do {
      let run = try places.run
      tell(HostFinding(.good, "agent: \(run.agent)"))
      tell(HostFinding(.good, "recipes: \(run.images.joined(separator: ", "))"))
    } catch { tell(HostFinding(.bad, Failure(error).description)) }
    let hasPlugin = FileManager.default.isReadableFile(atPath: places.plugin)
    tell(
      HostFinding(
        hasPlugin ? .good : .note,
        hasPlugin
          ? "plugin of QEMU: \(places.plugin)"
          : "no plugin of QEMU at \(places.plugin), which 'ktest run --functions' needs; build it with 'swift build'"))
    for finding in HostFinding.tools(in: ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") {
      tell(finding)
    }
    do {
      let (guests, findings) = try await examineGuests(connect)
      report.guests = guests
      for finding in findings { tell(finding) }
    } catch { tell(HostFinding(.bad, Failure(error).description)) }
    let memory = report.machine.memory >> 30
    let isEnough = memory >= 10
    tell(
      HostFinding(isEnough ? .good : .note, "\(memory) GiB of memory\(isEnough ? "" : "; device-dax needs about 10")"))
    return report
  }

  private func examineGuests(_ connect: String?) async throws -> (HostReport.Guests, [HostFinding]) {
    let host = try LibvirtHost(uri: connect, stateDirectory: "\(places.cacheDirectory)/libvirt")
    let qemu = try host.qemuVersion()
    var guests = HostReport.Guests(libvirt: LibvirtHost.libvirtVersion, qemu: qemu, forks: host.forkRefusal == nil)
    guests.user = host.guestUser.map { "\($0)" }
    var findings = [
      HostFinding(
        .good, "libvirt \(LibvirtHost.libvirtVersion), QEMU \(qemu), \(connect ?? "embedded driver, no daemon")")
    ]
    if connect == nil {
      findings.append(
        HostFinding(.good, "guests run as \(host.guestUser.map { "\($0)" } ?? "you (uid \(geteuid()))")"))
    }
    findings.append(
      host.forkRefusal.map { HostFinding(.note, "guests are booted, not forked: \($0)") }
        ?? HostFinding(.good, "guests are forked if a run needs several" + host.templateWords))
    findings += host.sweptGuests.map {
      HostFinding(.note, "ended the guest \($0), which a killed run had left behind")
    }
    let state = try await KVMProbe(cacheDirectory: places.cacheDirectory).state(on: host, qemu: qemu, afresh: true)
    findings.append(
      HostFinding(state == .boots ? .good : .note, "\(state)\(state == .boots ? "" : "; guests run under TCG")"))
    guests.kvm = state == .boots
    await host.waitForEndings()
    return (guests, findings)
  }
}

extension LibvirtHost {
  fileprivate var templateWords: String {
    let (count, bytes) = keptTemplates
    return count == 0 ? "" : "; \(count) kept from the last hour, \(bytes >> 20) MiB of memory"
  }
}

extension HostFinding {
  /// What there is to say of the programs that the shipped recipes and kernel sources call.
  ///
  /// - Parameter path: folders with colons between them, as in `$PATH`.
  static func tools(in path: String) -> [HostFinding] {
    let tools = [
      ("cc", "gcc libc6-dev", "compiles guest programs"), ("dpkg-deb", "dpkg", "unpacks packages"),
      ("apt-get", "apt", "fetches kernels and packages"), ("xz", "xz-utils", "reads compressed modules"),
      ("strip", "binutils", "keeps images small"),
    ]
    let folders = path.split(separator: ":")
    let missing = tools.filter { tool, _, _ in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
    }
    guard !missing.isEmpty else { return [HostFinding(.good, "tools: \(tools.map(\.0).joined(separator: ", "))")] }
    return missing.map { tool, package, purpose in
      HostFinding(.bad, "no \(tool), which \(purpose); install it with 'apt-get install \(package)'")
    }
  }
}
