import Testing

@testable import KTestValues

/// The search by samples finds what a search at each place finds.
@Suite("Headers are found") struct HeaderFilterTests {
  private static let texts = SplatTable.rows.map(\.header)
  private static let filter = HeaderFilter(texts)

  private struct Hit: Equatable, Comparable {
    var place: Int
    var header: Int

    static func < (left: Hit, right: Hit) -> Bool { (left.place, left.header) < (right.place, right.header) }
  }

  private static func everyPlace(_ text: [UInt8], from start: Int) -> [Hit] {
    var hits: [Hit] = []
    for place in start..<max(start, text.count) {
      for (index, header) in texts.enumerated() where text[place...].starts(with: header.utf8) {
        hits.append(Hit(place: place, header: index))
      }
    }
    return hits
  }

  /// A text of pieces of headers, whole ones, newlines and other bytes.
  private static func text(_ numbers: inout SeededNumbers) -> [UInt8] {
    var text: [UInt8] = []
    for _ in 0..<numbers.below(12) {
      let header = Array(texts[numbers.below(texts.count)].utf8)
      switch numbers.below(5) {
      case 0: text += header
      case 1: text += header.dropLast(1 + numbers.below(3))
      case 2: text += header.dropFirst(1 + numbers.below(3))
      case 3: text += (0..<numbers.below(30)).map { _ in UInt8(numbers.below(256)) }
      default: text.append(ASCII.newline)
      }
    }
    return text
  }

  @Test("at every place and behind every start") func everywhere() {
    var numbers = SeededNumbers(seed: 5)
    for _ in 0..<2000 {
      let text = Self.text(&numbers)
      for start in Set([0, numbers.below(text.count + 1)]) {
        let hits = Self.filter.hits(text, from: start).map { Hit(place: $0.place, header: $0.header) }
        #expect(hits == Self.everyPlace(text, from: start), "\(String(decoding: text, as: UTF8.self)) from \(start)")
      }
    }
    for (index, header) in Self.texts.enumerated() {
      for before in 0..<20 {
        let text = [UInt8](repeating: 0x20, count: before) + Array(header.utf8)
        #expect(Self.filter.hits(text, from: 0).contains { $0.header == index && $0.place == before }, "\(header)")
      }
    }
  }

  @Test("the first one of many lines is in the first line that has one") func first() {
    var numbers = SeededNumbers(seed: 6)
    for _ in 0..<2000 {
      let text = Self.text(&numbers)
      let start = numbers.below(text.count + 1)
      let found = text.withUnsafeBufferPointer { Self.filter.first(in: $0, from: start) }
      let all = Self.everyPlace(text, from: start)
      guard let found else {
        #expect(all.isEmpty)
        continue
      }
      #expect(all.contains { $0.place == found })
      let line = text[..<found].count { $0 == ASCII.newline }
      #expect(all.allSatisfy { hit in text[..<hit.place].count { $0 == ASCII.newline } >= line })
    }
  }
}
