import FoundationEssentials
import Glibc
import Testing

@testable import KTestHarness
@testable import KTestValues

/// What a run was given stays with its user, and its secrets are written nowhere.
@Suite struct JournalSecretsTests {
  private static func mode(_ path: String) -> mode_t {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test func nobodyElseReadsARun() async throws {
    try await JournalSample.withScratch { state in
      let journal = try JournalSample.journal(in: state)
      for event in JournalSample.lines { try await journal.record(event) }
      #expect(Self.mode(journal.directory) == 0o700 && Self.mode(state + "/runs") == 0o700)
      for name in try FileManager.default.subpathsOfDirectory(atPath: journal.directory) {
        #expect(Self.mode("\(journal.directory)/\(name)") & 0o077 == 0, "\(name)")
      }
    }
  }

  @Test func secretsAreWrittenNowhere() async throws {
    try await JournalSample.withScratch { state in
      let url = "https://me:hunter2@host/ndctl?private_token=hunter2@v81"
      var given = JournalSample.manifest
      given.parameters["ndctl"] = url
      given.arguments += ["--set", "ndctl=\(url)"]
      let journal = try JournalSample.journal(in: state, manifest: given)
      try await journal.record(.notice("git could not fetch \(url)"))
      for event in JournalSample.lines { try await journal.record(event) }
      for name in try FileManager.default.subpathsOfDirectory(atPath: journal.directory) {
        let text = JournalSample.text(of: "\(journal.directory)/\(name)") ?? ""
        #expect(!text.contains("hunter2"), "\(name)")
      }
      let manifest = try #require(try readJournal(at: journal.directory).manifest)
      #expect(manifest.parameters["ndctl"] == "https://***@host/ndctl?private_token=***@v81")
    }
  }

  @Test func aSearchIsKeptTheSameWay() throws {
    let tree = try TemporaryTree()
    let record = try SearchRecord<[String], String>(creatingIn: tree.path, header: ["https://u:hunter2@h/"])
    try record.append("https://u:hunter2@h/")
    try record.write("mail.txt", Array("see https://u:hunter2@h/\n".utf8))
    #expect(Self.mode(record.directory) == 0o700)
    for name in try FileManager.default.contentsOfDirectory(atPath: record.directory) {
      let path = "\(record.directory)/\(name)"
      #expect(Self.mode(path) & 0o077 == 0, "\(name)")
      #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("hunter2"), "\(name)")
    }
    #expect(try SearchRecord<[String], String>.contents(of: record.directory).steps == ["https://***@h/"])
  }
}
