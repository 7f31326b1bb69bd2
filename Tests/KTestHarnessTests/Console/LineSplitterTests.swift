import Testing

@testable import KTestValues

private func lines(_ text: String, limit: Int = 64 << 10, chunk: Int = .max) -> [RawLine] {
  let bytes = Array(text.utf8)
  var splitter = LineSplitter(limit: limit)
  var found: [RawLine] = []
  var place = 0
  while place < bytes.count {
    let end = min(bytes.count, chunk == .max ? bytes.count : place + chunk)
    splitter.push(bytes[place..<end]) { found.append($0) }
    place = end
  }
  if let last = splitter.finish() { found.append(last) }
  return found
}

@Suite struct LineSplitterTests {
  @Test func allLineEndsCount() {
    let found = lines("one\ntwo\r\nthree\rfour\n\nsix")
    #expect(found.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "two", "three", "four", "", "six"])
    #expect(found.map(\.range) == [0..<3, 4..<7, 9..<14, 15..<19, 20..<20, 21..<24])
    #expect(found.allSatisfy { !$0.truncated })
  }

  @Test func chunksMakeNoDifference() {
    let text = "a\r\n\r\nbb\r\r\nlonger than one word of eight bytes\nlast\r"
    let whole = lines(text)
    #expect(whole.count == 6)
    for chunk in 1...text.utf8.count {
      #expect(lines(text, chunk: chunk) == whole, "chunks of \(chunk)")
    }
  }

  @Test(arguments: [1, 3, 8, 4096]) func aLongLineIsCut(chunk: Int) {
    let text = String(repeating: "x", count: 100) + "\nshort\n" + String(repeating: "y", count: 50)
    let found = lines(text, limit: 10, chunk: chunk)
    #expect(found.map(\.bytes.count) == [10, 5, 10])
    #expect(found.map(\.truncated) == [true, false, true])
    #expect(found.map(\.range) == [0..<100, 101..<106, 107..<157])
  }

  @Test func aLineOfJustTheLimitIsWhole() {
    let found = lines("0123456789\n", limit: 10, chunk: 4)
    #expect(found == [RawLine(bytes: Array("0123456789".utf8), range: 0..<10)])
  }

  @Test func nothingGivesNothing() {
    var splitter = LineSplitter()
    #expect(splitter.push([]).isEmpty)
    #expect(splitter.finish() == nil)
    #expect(splitter.push(Array("\r".utf8)).map(\.range) == [0..<0])
    #expect(splitter.push(Array("\n".utf8)).isEmpty)
    #expect(splitter.finish() == nil)
  }
}
