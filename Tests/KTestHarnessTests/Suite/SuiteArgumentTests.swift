import Testing

@testable import KTestValues

@Suite("What stands for a suite on a command line")
struct SuiteArgumentTests {
  private struct Reading: Sendable {
    var text: String
    var files: Set<String> = []
    var name: String
    var selection: String?
  }

  private static let readings = [
    Reading(text: "mm", name: "mm", selection: nil),
    Reading(text: "mm:a", name: "mm", selection: "a"),
    Reading(text: "mm:a:b", name: "mm", selection: "a:b"),
    Reading(text: "mm[x=1]", name: "mm", selection: "[x=1]"),
    Reading(text: "mm[x=1]:a", name: "mm", selection: "[x=1]:a"),
    Reading(text: "mm:a[1]", name: "mm", selection: "a[1]"),
    Reading(text: "mm:", name: "mm:", selection: nil),
    Reading(text: "", name: "", selection: nil),
    // A file as a whole.
    Reading(text: "a:b.yaml", files: ["a:b.yaml"], name: "a:b.yaml", selection: nil),
    Reading(text: "d[1]/s.yaml", files: ["d[1]/s.yaml"], name: "d[1]/s.yaml", selection: nil),
    Reading(text: "s:a", files: ["s", "s:a"], name: "s:a", selection: nil),
    // The longest part that is a file.
    Reading(text: "a:b.yaml:c", files: ["a:b.yaml"], name: "a:b.yaml", selection: "c"),
    Reading(text: "a:b.yaml:c", files: ["a", "a:b.yaml"], name: "a:b.yaml", selection: "c"),
    Reading(text: "d[1]/s.yaml[x=1]:c", files: ["d[1]/s.yaml"], name: "d[1]/s.yaml", selection: "[x=1]:c"),
    Reading(text: "/d:1/s.yaml:c:d", files: ["/d:1/s.yaml"], name: "/d:1/s.yaml", selection: "c:d"),
  ]

  @Test(arguments: readings.indices)
  func reading(_ index: Int) {
    let reading = Self.readings[index]
    let argument = SuiteArgument(parsing: reading.text, isFile: reading.files.contains)
    #expect(argument.name == reading.name && argument.selection == reading.selection, "\(reading.text): \(argument)")
  }
}
