import Foundation
import Testing

/// What the sources of the tests must not have. Swift's pool has as many threads as the machine has processors: a test that
/// blocks one of them stops others, and a limit by the clock then fails a third.
@Suite("The sources of the tests")
struct TestSourceTests {
  /// Each file's code, without comments, texts and patterns.
  private static let sources: [(path: String, code: String)] = Document.files(in: "Tests", ending: ".swift").map {
    path in
    let text = (try? String(contentsOfFile: "\(Document.root)/\(path)", encoding: .utf8)) ?? ""
    let bare = text.replacing(#/(?m)//.*$/#, with: "")
    let code = bare.replacing(##/#\/.*\/#/##, with: "")
    return (path, code.replacing(#/"(?:\\.|[^"\\\n])*"/#, with: "\"\""))
  }

  @Test("are found at all")
  func found() { #expect(Self.sources.count > 100 && Self.sources.allSatisfy { !$0.code.isEmpty }) }

  @Test("block no thread of the pool")
  func blocking() throws {
    let calls =
      #/\b(?:Process\(|waitUntilExit|readDataToEndOfFile|readToEnd\(|DispatchSemaphore|DispatchGroup|NSCondition|sem_wait|waitpid|waitid|popen|usleep|nanosleep|Thread\.sleep|LOCK_EX\)|LOCK_SH\))|(?m)(?:^|[^.\w])(?:sleep|system)\(/#
    for (path, code) in Self.sources {
      #expect(code.firstMatch(of: calls).map { String($0.output) } == nil, "\(path): call programs through Subprocess")
    }
  }

  @Test("have no limit by the clock that starts before the gate: use .gated(minutes:)")
  func limits() {
    for (path, code) in Self.sources { #expect(!code.contains(".timeLimit("), "\(path)") }
  }

  @Test("start programs, compilers and guests behind the gate only: .gated()")
  func gate() {
    let starts =
      #/\b(?:HostTool|HostProgram|Tool|LibvirtHost|VirtConnection)\(|\bHostTool\.required\(|\bexecute\((?!\s*sql:)|\.ktest\(|\b(?:MiniatureTree|ImageBench|SampleRepository|Built\.ktest)\b|\bpackDeb\(/#
    for (path, code) in Self.sources where code.contains("@Test") && code.contains(starts) {
      #expect(code.contains(".gated(") || code.contains("extension GuestTests"), "\(path)")
    }
  }
}
