import Foundation
import Testing

/// Commands have arguments, help, exit codes and printing. What they do is in the library, where tests reach it.
@Suite("The commands are thin")
struct ThinCommandTests {
  private static let files = Document.files(in: "Sources/ktest", ending: ".swift")

  private static func code(_ path: String) throws -> String {
    try String(contentsOfFile: "\(Document.root)/\(path)", encoding: .utf8).replacing(#/(?m)//.*$/#, with: "")
  }

  @Test func andFound() { #expect(Self.files.count > 10) }

  @Test func andShort() throws {
    let lines = try Self.files.map { path in
      try String(contentsOfFile: "\(Document.root)/\(path)", encoding: .utf8).split(
        separator: "\n", omittingEmptySubsequences: false
      ).count - 1
    }
    #expect(lines.reduce(0, +) <= 2400)
  }

  @Test func andKnowNeitherLibvirtNorTheLayoutOfAJournal() throws {
    let foreign =
      #/\b(?:LibvirtHost|LibvirtGuest|Virt[A-Z]\w*|EmbeddedRoot|KVMProbe|GuestDescription\(|RunLayout|EvidenceLayout|RunRecord|JournalLock|Journal\()|events\.jsonl|manifest\.json|summary\.json|consoles\/|artefacts\//#
    for path in Self.files {
      #expect(try Self.code(path).firstMatch(of: foreign).map { String($0.output) } == nil, "\(path)")
    }
  }

  @Test func andStartNoRunsOrBuildsBesideTheSession() throws {
    let foreign = #/\b(?:resolveKernel|buildKernel|runBuilds|prepare)\(/#
    for path in Self.files where !path.contains("/Bisect") {
      #expect(try Self.code(path).firstMatch(of: foreign).map { String($0.output) } == nil, "\(path)")
    }
  }
}
