import Foundation
import FoundationXML
import TestGate
import Testing

@testable import KTestGuests
@testable import KTestHost
@testable import KTestValues

@Suite("Domain XML")
struct DomainXMLTests {
  private static let validator = "/usr/bin/virt-xml-validate"

  @Test("is what the golden files say; KTEST_RECORD=1 writes them and fails", arguments: GuestSample.shapes.map(\.file))
  func golden(_ file: String) throws {
    let xml = try #require(GuestSample.shapes.first { $0.file == file }).xml.text
    if ProcessInfo.processInfo.environment["KTEST_RECORD"] == "1" {
      try Data(xml.utf8).write(to: GuestSample.path(file))
      Issue.record("recorded \(file); look at it, then run the tests again")
      return
    }
    #expect(xml == String(decoding: try Data(contentsOf: GuestSample.path(file)), as: UTF8.self), "\(file)")
  }

  @Test(
    "is valid by libvirt's schema", .gated(),
    .enabled(
      if: FileManager.default.isExecutableFile(atPath: validator), "virt-xml-validate (libvirt-clients) is missing"),
    arguments: GuestSample.shapes.map(\.file))
  func schema(_ file: String) async throws {
    let result = try await Tool(name: "virt-xml-validate", package: "libvirt-clients").run(
      [GuestSample.path(file).path, "domain"], purpose: "test")
    #expect(result.succeeded, "\(result.text)\n\(result.complaint)")
  }

  private func parsed(_ xml: String) throws -> XMLNodeReader {
    let reader = XMLNodeReader()
    let parser = FoundationXML.XMLParser(data: Data(xml.utf8))
    parser.delegate = reader
    #expect(parser.parse(), "\(String(describing: parser.parserError))")
    return reader
  }

  @Test(
    "what is text stays text",
    arguments: [
      "'\"<>&", "</cmdline></os><devices><disk type='file'/></devices>", "]]>", "<![CDATA[", "&amp;&#0;&x;",
      "a\tb\r\nc", "x\u{0}y\u{1}\u{8}\u{b}\u{1f}z", "é日本\u{1F600}", "\u{FFFE}\u{FFFF}", "%n$(reboot)`id`",
    ])
  func escaping(_ evil: String) throws {
    var description = GuestSample.description(name: "n\(evil)", commandLine: "c\(evil)")
    description.kernel = "/k\(evil)"
    description.initramfs = "/i\(evil)"
    let reader = try parsed(DomainXML(description, consoleLog: "/l\(evil)", owner: "o\(evil)").text)
    // XML 1.0 has no word for control characters: they go, everything else comes back.
    let kept = String(
      String.UnicodeScalarView(
        evil.unicodeScalars.filter {
          $0.value >= 32 && $0.value < 0xFFFE || "\t\r\n".unicodeScalars.contains($0) || $0.value > 0xFFFF
        }))
    #expect(reader.texts["domain/name"] == ["n\(kept)"])
    #expect(reader.texts["domain/os/cmdline"] == ["c\(kept)"])
    #expect(reader.texts["domain/os/kernel"] == ["/k\(kept)"])
    #expect(reader.texts["domain/os/initrd"] == ["/i\(kept)"])
    #expect(reader.texts["domain/metadata/ktest:owner"] == ["o\(kept)"])
    #expect(reader.attributes["domain/devices/serial/log"]?.first?["file"] == "/l\(kept)")
    let plain = try parsed(DomainXML(GuestSample.description(), consoleLog: "/l", owner: "o").text)
    #expect(reader.names == plain.names)
  }

  @Test("a guest has no disk, no share, and no network unless it asks")
  func devices() throws {
    for (file, xml) in GuestSample.shapes {
      let names = try parsed(xml.text).names
      #expect(!names.contains { $0.hasSuffix("/disk") || $0.hasSuffix("/filesystem") || $0.hasSuffix("/hostdev") })
      #expect(names.contains("domain/devices/interface") == (file == "network.xml"))
    }
  }

  @Test("the owner is found again in what libvirt gives back, and only there")
  func owner() throws {
    let xml = DomainXML(GuestSample.description(), consoleLog: nil, owner: GuestSample.owner).text
    #expect(GuestOwner(domainXML: xml)?.text == GuestSample.owner)
    #expect(GuestOwner(domainXML: xml.replacingOccurrences(of: "ktest:owner", with: "other:owner")) == nil)
    #expect(GuestOwner(domainXML: "<ktest:owner") == nil)
    #expect(GuestOwner(domainXML: "<ktest:owner>a b</ktest:owner>") == nil)
    #expect(GuestOwner(domainXML: "") == nil)
  }
}

/// Paths of elements with their texts and attributes.
private final class XMLNodeReader: NSObject, XMLParserDelegate {
  private var path: [String] = []
  private var open: [String] = []
  private(set) var names: [String] = []
  private(set) var texts: [String: [String]] = [:]
  private(set) var attributes: [String: [[String: String]]] = [:]

  func parser(
    _ parser: FoundationXML.XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    path.append(name)
    open.append("")
    names.append(path.joined(separator: "/"))
    self.attributes[path.joined(separator: "/"), default: []].append(attributes)
  }

  func parser(_ parser: FoundationXML.XMLParser, foundCharacters text: String) { open[open.count - 1] += text }

  func parser(
    _ parser: FoundationXML.XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    texts[path.joined(separator: "/"), default: []].append(open.removeLast())
    path.removeLast()
  }
}
