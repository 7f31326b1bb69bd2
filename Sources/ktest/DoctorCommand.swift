import ArgumentParser
import Foundation
import KTestHarness

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say what this host can do, and what is missing.")

  @Option(help: ArgumentHelp("A libvirt URI; without it the embedded driver.", valueName: "uri")) var connect: String?
  @OptionGroup var places: PlaceOptions

  private enum Mark: String { case good = "ok  ", bad = "bad ", note = "note" }

  func run() async throws {
    try await reporting {
      let isGood = try await interruptible { try await examine() }
      if !isGood { throw ExitCode(Failure.Kind.host.exitCode) }
    }
  }

  private func say(_ mark: Mark, _ text: String) { writeAll(sanitised("\(mark.rawValue)  \(text)") + "\n", to: 1) }

  private func examine() async throws -> Bool {
    var isGood = true
    do {
      let run = try places.places.run
      say(.good, "agent: \(run.agent)")
      say(.good, "recipes: \(run.images.joined(separator: ", "))")
    } catch {
      isGood = false
      say(.bad, Failure(error).description)
    }
    isGood = examineTools() && isGood
    let cache = places.places.cacheDirectory
    do {
      let host = try LibvirtHost(uri: connect, stateDirectory: "\(cache)/libvirt")
      let qemu = try host.qemuVersion()
      say(.good, "libvirt \(LibvirtHost.libvirtVersion), QEMU \(qemu), \(connect ?? "embedded driver, no daemon")")
      if connect == nil {
        say(.good, "guests run as \(host.guestUser.map { "\($0)" } ?? "you (uid \(geteuid()))")")
      }
      for name in host.sweptGuests { say(.note, "ended the guest \(name), which a killed run had left behind") }
      let state = try await KVMProbe(cacheDirectory: cache).state(on: host, qemu: qemu, afresh: true)
      say(state == .boots ? .good : .note, "\(state)" + (state == .boots ? "" : "; guests run under TCG"))
      await host.waitForEndings()
    } catch {
      isGood = false
      say(.bad, Failure(error).description)
    }
    let memory = RunManifest.Host.current().memory >> 30
    say(memory >= 10 ? .good : .note, "\(memory) GiB of memory" + (memory >= 10 ? "" : "; device-dax needs about 10"))
    return isGood
  }

  /// Programs that the shipped recipes and kernel sources call.
  private func examineTools() -> Bool {
    let tools = [
      ("cc", "gcc libc6-dev", "compiles guest programs"), ("dpkg-deb", "dpkg", "unpacks packages"),
      ("apt-get", "apt", "fetches kernels and packages"), ("xz", "xz-utils", "reads compressed modules"),
      ("strip", "binutils", "keeps images small"),
    ]
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    var isGood = true
    for (tool, package, purpose) in tools {
      let found = folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(tool)") }
      if found { continue }
      isGood = false
      say(.bad, "no \(tool), which \(purpose); install it with 'apt-get install \(package)'")
    }
    if isGood { say(.good, "tools: \(tools.map(\.0).joined(separator: ", "))") }
    return isGood
  }
}
