import Foundation
import Testing

/// Sentences are for people: what a program has to know of a result or of a kernel's origin is a value
/// (docs/architecture.md).
@Suite struct SentenceTests {
  private static let sources: [(path: String, code: String)] = {
    let root = "\(Document.root)/Sources"
    return ((try? FileManager.default.subpathsOfDirectory(atPath: root)) ?? []).sorted().compactMap { path in
      guard path.hasSuffix(".swift"), let text = try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8) else {
        return nil
      }
      return (path, text.replacing(#/(?m)//.*$/#, with: ""))
    }
  }()

  /// What takes a text apart, or looks into it.
  private static let reading =
    "hasPrefix|hasSuffix|starts|contains|split|range|ranges|firstRange|firstIndex|lastIndex|firstMatch|wholeMatch"
    + "|prefixMatch|matches|components|trimmingPrefix|dropFirst|dropLast|suffix"

  /// A sentence of a result, of a search or of an error, by the names that they have, and what is done with it.
  /// By Unicode's rules for words, which a Regex follows unless told, there is no boundary at the point of `result.reason`.
  private static func readers(of names: String) throws -> Regex<AnyRegexOutput> {
    try Regex(#"\b(?:\#(names))\s*[?!]?\.(?:firstLine\.|text\.)?(?:\#(reading))\b"#).wordBoundaryKind(.simple)
  }

  /// The kernel's origin as it was kept before it was a value is read in one place, for manifests of earlier versions; and
  /// git tells only by its own words that a disk is full.
  private static let others = ["/KernelOrigin+Former.swift", "/checkOut.swift"]

  private static func found(_ pattern: Regex<AnyRegexOutput>) -> [String] {
    sources.filter { source in !others.contains { source.path.hasSuffix($0) } }.flatMap { path, code in
      code.matches(of: pattern).map { "\(path): \(code[$0.range])" }
    }
  }

  @Test func noReasonIsParsed() throws {
    #expect(Self.sources.count > 100)
    let found = Self.found(
      try Self.readers(of: #"reason|why|trouble|note|finding\.text|cause\.text|problem|doubt\.text|skip"#))
    #expect(found == [])
  }

  @Test func noOriginOfAKernelIsParsed() throws {
    let found = Self.found(
      try Self.readers(of: #"(?:kernel|kernels\[\d\]|build|built|base|older|newer)\.source(?:\.description)?"#))
    #expect(found == [])
  }

  /// A result with words and without a cause would tempt somebody to read the words.
  @Test func everyReasonHasItsCause() {
    let creation = #/\b(?:Case|Boot)Result\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)/#
    for (path, code) in Self.sources {
      for match in code.matches(of: creation) where match.output.contains("reason:") {
        #expect(match.output.contains("cause:"), "\(path): \(match.output)")
      }
    }
  }

  @Test(
    "the patterns find what they are to find",
    arguments: [
      #"result.reason?.hasPrefix("vacuous: ")"#, #"let symbols = reason.split(whereSeparator: isBlank)"#,
      #"item.note.firstLine.dropFirst("kernel: ".count)"#,
    ])
  func reasonsAreFound(_ code: String) throws {
    #expect(code.contains(try Self.readers(of: "reason|note")))
  }

  @Test(arguments: [#"kernel.source.split(separator: " ").first"#, #"build.source.description.contains("git:")"#])
  func originsAreFound(_ code: String) throws {
    #expect(code.contains(try Self.readers(of: #"(?:kernel|build)\.source(?:\.description)?"#)))
  }
}
