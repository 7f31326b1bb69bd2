import ArgumentParser
import Glibc
import KTestHarness
import KTestHost

@main
struct KTest: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ktest",
    abstract: "Runs memory-management tests on real kernels in QEMU guests and reports a verdict for each.",
    discussion: """
      Exit codes: 0 nothing failed, 1 something failed, 64 usage error, 65 bad suite or recipe, 69 the harness or the host \
      failed, 75 another ktest is at it, 130 interrupted.
      """,
    version: ktestVersion,
    subcommands: [
      RunCommand.self, NightlyCommand.self, KernelCommand.self, ImageCommand.self, SuiteCommand.self, ShowCommand.self,
      CompareCommand.self, HistoryCommand.self, FlakyCommand.self, IssuesCommand.self, PagesCommand.self,
      CleanupCommand.self,
      ConsoleCommand.self, SubmitCommand.self, BisectCommand.self, BisectStepCommand.self, DoctorCommand.self,
      SelftestCommand.self, BenchCommand.self, WorkCommand.self,
    ])

  static func main() async {
    // `ktest run … | head -1`: a reader that stops early does not end the run.
    signal(SIGPIPE, SIG_IGN)
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      _ = try parseAsRoot(words)
    } catch  where words.first == "bisect-step" && exitCode(for: error).rawValue != 0 {
      // `git bisect run` takes every code from 1 to 127 for a verdict, which a misspelt option is not.
      writeAll(fullMessage(for: error) + "\n", to: 2)
      exit(withError: ExitCode(128))
    } catch {
      // It is reported below.
    }
    Glibc.exit(await code(of: words))
  }

  /// Runs the given command, reports errors, and makes sure that the results were written.
  private static func code(of words: [String]) async -> Int32 {
    var code: Int32 = 0
    do {
      var command = try parseAsRoot(words)
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
    } catch {
      code = exitCode(for: error).rawValue
      let text = fullMessage(for: error)
      if !text.isEmpty { writeAll(text + "\n", to: code == 0 ? 1 : 2) }
    }
    guard let reason = StandardOutput.failure else { return code }
    writeAll("ktest: cannot write to standard output: \(reason); the results there are incomplete\n", to: 2)
    guard code == 0 else { return code }
    // `git bisect run` would take 69 for a verdict.
    return words.first == "bisect-step" ? 128 : Failure.Kind.host.exitCode
  }
}
