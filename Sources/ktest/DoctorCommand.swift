import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Show what this host can do, and what is missing.")

  @Option(help: ArgumentHelp("A libvirt URI; the default is the embedded driver.", valueName: "uri")) var connect:
    String?
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let session = places.session
      let isGood = try await interruptible { [connect] in
        await session.examineHost(connect: connect) { finding in
          writeAll(sanitised("\(DoctorCommand.mark(finding.kind))  \(finding.text)") + "\n", to: 1)
        }
      }
      if !isGood { throw ExitCode(Failure.Kind.host.exitCode) }
    }
  }

  private static func mark(_ kind: HostFinding.Kind) -> String {
    switch kind {
    case .good: "ok  "
    case .bad: "bad "
    case .note: "note"
    }
  }
}
