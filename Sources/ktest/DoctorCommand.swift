import ArgumentParser
import KTestHarness
import KTestHost
import KTestValues

struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Show what this host can do, and what is missing.")

  @Option(help: ArgumentHelp("A libvirt URI; the default is the embedded driver.", valueName: "uri")) var connect:
    String?
  @Option(help: "The format of stdout: text or json.") var format = OutputFormat.text
  @OptionGroup var places: PlaceOptions

  func run() async throws {
    try await reporting {
      let session = places.session
      let report = try await interruptible { [connect, format] in
        await session.examineHost(connect: connect) { finding in
          guard format == .text else { return }
          writeAll(sanitised("\(DoctorCommand.mark(finding.kind))  \(finding.text)") + "\n", to: 1)
        }
      }
      if format == .json { writeAll(report.json, to: 1) }
      if !report.good { throw ExitCode(Failure.Kind.host.exitCode) }
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
