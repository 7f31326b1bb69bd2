import GuestProtocol
import Testing

@testable import KTestGuests
@testable import KTestHarness
@testable import KTestValues

@Suite("A run that counts functions")
struct FunctionRunTests {
  private static let kallsyms = "ffffffff81000000 T clear_page\nffffffff81000100 t zap_pte_range.isra.0\n"
  private static let written =
    "metric munmap 2\n0 10\nffffffff81000000 3\nffffffff81000004 30\nffffffff81000108 7\n\n"

  private func run(
    plugin: String? = "/p/libktest-plugin.so", kallsyms: String = Self.kallsyms, written: String? = Self.written
  ) async throws -> (run: ScriptedRun, host: ScriptedHost) {
    var plan = try ScriptedRun.plan([Case(name: "a", run: ["a"], artefacts: ["*.log"])])
    plan.suites[0].suite.guest.clock = .instructions
    plan.settings.functionPlugin = plugin
    var script = GuestScript { request in
      let pieces = [kallsyms.prefix(20), kallsyms.dropFirst(20)].map { Array($0.utf8) }
      let symbols = pieces.map { piece in
        GuestEvent.message(
          .artefact(id: request.id, name: CaseRequest.kernelSymbols, bytes: piece, isLast: piece == pieces[1]))
      }
      return GuestScript.run(
        request, output: "KTAP version 1\n1..1\n# metric munmap 20 instructions lower\nok 1 it\n", symbols)
    }
    script.functionCounts = written.map { Array($0.utf8) }
    let host = ScriptedHost(script)
    return (try await ScriptedRun.go(plan, on: host), host)
  }

  private func artefacts(_ run: ScriptedRun) -> [String: String] {
    run.events.reduce(into: [:]) { found, event in
      guard case .artefact(_, _, _, _, let file, let bytes) = event else { return }
      found[file, default: ""] += String(decoding: bytes, as: UTF8.self)
    }
  }

  private func notices(_ run: ScriptedRun) -> [String] { run.words.filter { $0.hasPrefix("notice") } }

  @Test("a case leaves the table of its metrics, and not the symbols")
  func table() async throws {
    let (run, host) = try await run()
    #expect(run.told == ["a:pass"] && notices(run) == [])
    #expect(
      artefacts(run) == [
        "functions.tsv": """
        metric\tper\tfunction\tinstructions\tcalls
        munmap\t2\tclear_page\t33\t3
        munmap\t2\t(user space)\t10\t0
        munmap\t2\tzap_pte_range\t7\t0

        """
      ])
    #expect(host.descriptions[0].functionPlugin == "/p/libktest-plugin.so")
    let wanted = host.guests[0].sent.compactMap { message -> [String]? in
      if case .runCase(let request) = message { request.artefacts } else { nil }
    }
    #expect(wanted == [["*.log", "/proc/kallsyms"]])
  }

  @Test(
    "what is missing is said",
    arguments: [
      (kallsyms, "", "no program marked what belongs to a metric, as mm-bench does"),
      (kallsyms, "metric a 1\n0 7\n", "no program marked what belongs to a metric, as mm-bench does"),
      ("", written, "the kernel does not tell its symbols: /proc/kallsyms, CONFIG_KALLSYMS=y"),
      (kallsyms, "?\n", "what QEMU's plugin wrote cannot be read"),
    ])
  func missing(_ row: (kallsyms: String, written: String, why: String)) async throws {
    let (run, _) = try await run(kallsyms: row.kallsyms, written: row.written)
    #expect(run.told == ["a:pass"] && artefacts(run) == [:])
    #expect(notices(run) == ["notice s/a: functions are not counted: \(row.why)"])
  }

  @Test("without the plugin nothing is asked for")
  func plain() async throws {
    let (run, host) = try await run(plugin: nil)
    #expect(artefacts(run) == [CaseRequest.kernelSymbols: Self.kallsyms] && notices(run) == [])
    #expect(host.descriptions[0].functionPlugin == nil)
  }
}
