import Testing

@testable import KTestHarness
@testable import KTestValues

/// Which line of a program's output is told beside its exit status.
@Suite struct TellingLineTests {
  private func line(stdout: String = "", stderr: String = "") -> String? {
    var telling = TellingLine()
    telling.push(Array(stdout.utf8), isError: false)
    telling.push(Array(stderr.utf8), isError: true)
    telling.finish()
    return telling.text
  }

  @Test func aLibrarysLogIsNotWhatAProgramSays() {
    let log = (1...30).map { "libndctl: ndctl_namespace_enable: namespace\($0).0: enabled\n" }.joined()
    #expect(
      line(stderr: "mapping 4096\nverify loop took too long usecs: 31718\n" + log)
        == "verify loop took too long usecs: 31718")
    #expect(
      line(stderr: log + "libndctl: ndctl_dax_delete: failed to delete\n")
        == "libndctl: ndctl_dax_delete: failed to delete")
    #expect(line(stderr: log + "giving up\n") == "giving up")
  }

  @Test(arguments: [
    ("", "", nil), ("a\nb\n", "", "b"), ("could not map\n", "bye\n", "could not map"),
    ("mmap failed\n", "open: No such file\n", "open: No such file"),
    ("1..1\nnot ok 1 fails\n# 3 errors\n", "", "# 3 errors"),
    ("alloc failed\n0 failed, 0 errors\n", "", "alloc failed"), ("", "  \n\t\nunfinished", "unfinished"),
    ("", "\u{1b}[31merror: x\u{1b}[0m\n", "error: x"),
  ])
  func oneLineIsChosen(stdout: String, stderr: String, chosen: String?) {
    #expect(line(stdout: stdout, stderr: stderr) == chosen)
  }

  @Test func aFloodIsBounded() {
    var telling = TellingLine()
    for number in 1...5000 {
      telling.push(Array("error \(number) \(String(repeating: "x", count: 400))\n".utf8), isError: true)
    }
    telling.finish()
    #expect(telling.text?.hasPrefix("error 5000 ") == true)
    #expect(telling.text?.utf8.count == TellingLine.length)
  }
}
