import Testing

@testable import KTestValues

@Suite struct XMLElementTests {
  @Test func whatIsTextStaysText() {
    let element = XMLElement(
      "a", ["b": "\"<'>&\n\t\r\u{0}\u{1b}\u{9b}\u{fffe}é"],
      [XMLElement("c"), XMLElement("d", text: "<\"]]>\n\t\r\u{7f}\u{1f}&amp;"), XMLElement("e", text: "")])
    #expect(
      element.document == """
        <?xml version="1.0" encoding="UTF-8"?>
        <a b="&quot;&lt;'&gt;&amp;&#10;&#9;&#13;é">
          <c/>
          <d>&lt;"]]&gt;\n\t&#13;&amp;amp;</d>
          <e></e>
        </a>

        """)
  }
}
