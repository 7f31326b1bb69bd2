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
    version: ktestVersion,
    subcommands: [
      RunCommand.self, KernelCommand.self, ImageCommand.self, SuiteCommand.self, ShowCommand.self, CompareCommand.self,
      ConsoleCommand.self,
      BisectCommand.self, BisectStepCommand.self, DoctorCommand.self, SelftestCommand.self, BenchCommand.self,
    ])

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
    Glibc.exit(await code(of: words))
  }

  /// Runs the command that the words name, says what is wrong with them, and sees to it that the results were written.
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
    writeAll("ktest: standard output cannot be written: \(reason); the results are not complete there\n", to: 2)
    guard code == 0 else { return code }
    // To `git bisect run` 69 would be a verdict.
    return words.first == "bisect-step" ? 128 : Failure.Kind.host.exitCode
  }
}
