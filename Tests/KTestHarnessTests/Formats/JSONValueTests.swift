import Foundation
import Testing

@testable import KTestValues

@Suite struct JSONValueTests {
  private let value: JSONValue = .object([
    ("z", .strings(["a", "b\u{1b}[2J\u{9b}\u{202e}\"\\\n"])), ("a", .int(-1)), ("m", .array([.null, .bool(true)])),
    ("d", .double(.infinity)), ("e", .object([])),
  ])

  @Test func keepsTheOrderOfKeysAndEscapes() {
    let value = JSONValue.object([
      ("z", .string("a/b\"\\\n\u{1b}\u{9b}é\u{202e}")), ("a", .array([.int(-1), .double(0.25), .bool(true), .null])),
      ("n", .double(.nan)), ("e", .array([])), ("o", .object([])),
    ])
    #expect(
      value.line
        == #"{"z":"a/b\"\\\n\u001b\u009bé\u202e","a":[-1,0.25,true,null],"n":0.0,"e":[],"o":{}}"#)
    #expect(
      JSONValue.object([("a", .array([.object([("b", .int(1)), ("c", .array([]))]), .null])), ("d", .null)]).page
        == """
        {
          "a": [
            {"b": 1, "c": []},
            null
          ],
          "d": null
        }

        """)
  }

  @Test func isReadBackByFoundation() throws {
    for text in [value.line, value.page] {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
      #expect(object["z"] as? [String] == ["a", "b\u{1b}[2J\u{9b}\u{202e}\"\\\n"])
      #expect(object["a"] as? Int == -1)
    }
  }

  @Test func shortGroupsStayOnOneLineOfAPage() {
    let long = JSONValue.strings((0..<9).map { "\($0)" })
    #expect(
      JSONValue.object([("a", .strings(["x", "y"])), ("b", long)]).page.hasPrefix(
        "{\n  \"a\": [\"x\", \"y\"],\n  \"b\": [\n"))
  }
}
