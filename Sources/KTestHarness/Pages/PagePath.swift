import KTestValues

/// Where pages lie, relative to the first one. Names come from suites, people and guests, so that none of them becomes part of
/// a path as it is.
enum PagePath {
  static let index = "index.html"
  static let matrix = "matrix.html"
  static let runs = "runs.html"
  static let nights = "nights.html"
  static let issues = "issues.html"
  static let searches = "searches.html"
  static let hosts = "hosts.html"

  /// The page of a test: `SUITE[CELL]:CASE:SUBTEST`.
  static func test(_ name: String) -> String { "tests/\(component(name)).html" }

  static func run(_ id: String) -> String { "runs/\(id)/index.html" }

  /// The page of a boot's console, relative to the page of its run.
  static func console(boot: Int) -> String { "boot-\(boot).html" }

  static func night(_ name: String) -> String { "nights/\(component(name)).html" }
  /// An issue's id is made of eight hexadecimal digits.
  static func issue(_ id: String) -> String { "issues/\(id).html" }
  static func search(_ id: String) -> String { "searches/\(component(id)).html" }

  static func json(of path: String) -> String {
    path.hasSuffix(".html") ? path.dropLast(5) + ".json" : path + ".json"
  }

  /// The way from a page back to the first one: `../` for each folder.
  static func root(from path: String) -> String {
    String(repeating: "../", count: path.utf8.count { $0 == UInt8(ascii: "/") })
  }

  /// Returns a file name: what can be read of the name, and a part of its digest, so that no two names share a file.
  static func component(_ name: String) -> String {
    var readable = ""
    for byte in name.utf8 where readable.utf8.count < 60 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        readable.unicodeScalars.append(Unicode.Scalar(byte))
      case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
        readable.unicodeScalars.append(readable.isEmpty ? "_" : Unicode.Scalar(byte))
      default: if readable.last != "_" { readable += "_" }
      }
    }
    var hash = SHA256()
    hash.update(name)
    return (readable.isEmpty ? "_" : readable) + "-" + hash.hex().prefix(16)
  }
}
