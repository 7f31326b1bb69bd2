import Fuzzing
import Testing

@testable import KTestValues

struct RPMHeaderTests {
  private let package = SeedRPM.make(files: [("lib/x", Array("content".utf8))])

  @Test func whatAPackageSaysOfItself() throws {
    let header = try RPMHeader(package)
    #expect(header.name == "kernel-core" && header.version == "6.17.1-300.fc43" && header.architecture == "x86_64")
    #expect(header.unpackedSize == 7 && header.fileSize == package.count)
  }

  @Test func otherFiles() {
    func problem(_ bytes: [UInt8]) -> RPMHeader.Problem? {
      do {
        _ = try RPMHeader(bytes)
        return nil
      } catch { return error }
    }
    #expect(problem([]) == .notRPM)
    #expect(problem(Array("!<arch>\n".utf8)) == .notRPM)
    #expect(problem(SeedRPM.make(isSource: true, files: [])) == .source)
    for count in [8, 100, 112, 130, 200] { #expect(problem(Array(package.prefix(count))) == .truncated, "\(count)") }
    var damaged = package
    damaged[96] = 0
    #expect(problem(damaged) == .malformed)
    damaged = package
    // A section of more entries than any package has.
    damaged[104] = 0x7f
    #expect(problem(damaged) == .malformed)
  }
}
