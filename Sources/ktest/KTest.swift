import ArgumentParser
import Glibc
import KTestHarness

@main
struct KTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ktest",
    abstract: "Boots real kernels in QEMU guests and says what their memory management is worth.",
    discussion: """
      Exit codes: 0 nothing failed, 1 something failed, 64 usage, 65 bad suite or recipe, 69 the harness or the host \
      failed, 130 interrupted.
      """,
    version: KTest.version,
    subcommands: [
      RunCommand.self, KernelCommand.self, ImageCommand.self, SuiteCommand.self, ShowCommand.self, CompareCommand.self,
      ConsoleCommand.self,
      BisectCommand.self, BisectStepCommand.self, DoctorCommand.self, SelftestCommand.self, BenchCommand.self,
    ])

  static let version = "0.1.0"

  static func main() async {
    // `ktest run … | head -1`: a reader that has seen enough does not end the run.
    signal(SIGPIPE, SIG_IGN)
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      _ = try parseAsRoot(words)
    } catch  where words.first == "bisect-step" && exitCode(for: error).rawValue != 0 {
      // To `git bisect run` every code from 1 to 127 is a verdict, and a misspelt option is none.
      writeAll(fullMessage(for: error) + "\n", to: 2)
      exit(withError: ExitCode(128))
    } catch {
      // Said below.
    }
    await main(words)
  }
}
