/// Quickly rules out text that does not begin a splat, which is nearly all text.
///
/// All header texts are searched together, by samples: of each header it knows the three bytes at every second place of a
/// part of it, or for a long header the four bytes at every eighth. The text is looked at only at every second place, and at
/// every eighth, because one of these places must be in that part. No look waits for the one before it, which is what makes
/// steps of several bytes slow.
struct HeaderFilter: Sendable {
  /// A header that may be where a sample was found, so many bytes before it.
  private struct Candidate {
    var header: Int
    var offset: Int
    /// The first byte of the header.
    var first: UInt8
  }

  private let headers: [[UInt8]]
  private var short = HeaderSamples(step: 2, length: 3)
  private var long = HeaderSamples(step: 8, length: 4)

  /// The least number of bytes of a header.
  static let shortest = 4

  /// - Parameter texts: of at least ``shortest`` bytes each, without newlines.
  init(_ texts: [String]) {
    headers = texts.map { Array($0.utf8) }
    for (index, header) in headers.enumerated() {
      precondition(header.count >= Self.shortest && !header.contains(ASCII.newline), "it cannot be searched: \(header)")
      if header.count >= long.part { long.add(header, index) } else { short.add(header, index) }
    }
  }

  /// Returns the headers in the text from `start` on, as (index, place), ordered by place.
  func hits(_ text: [UInt8], from start: Int) -> [(header: Int, place: Int)] {
    text.withUnsafeBufferPointer { text in
      var found: [(header: Int, place: Int)] = []
      var place = start
      while let block = nextBlock(in: text, from: place) {
        check(text, block) { found.append(($0, $1)) }
        place = block.upperBound
      }
      // A part that is found first may be far behind the beginning of its header.
      if found.count > 1 { found.sort { ($0.place, $0.header) < ($1.place, $1.header) } }
      if start > 0 { found.removeAll { $0.place < start } }
      return found
    }
  }

  /// Returns a place of a header at or behind `start`, or nil if there is none. No line before that place has one.
  func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    var place = start
    while let block = nextBlock(in: text, from: place) {
      var first: Int?
      check(text, block) { if $1 >= start { first = min(first ?? $1, $1) } }
      if let first { return first }
      place = block.upperBound
    }
    return nil
  }

  private static let blockLength = 16

  /// Returns the next bytes that have a sample of a header.
  private func nextBlock(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> Range<Int>? {
    let raw = UnsafeRawBufferPointer(text)
    return short.slots.withUnsafeBufferPointer { short in
      long.slots.withUnsafeBufferPointer { long in
        @inline(__always) func word(_ place: Int) -> UInt32 {
          raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)
        }
        @inline(__always) func look(_ place: Int) -> UInt16 { short[HeaderSamples.hash(word(place) << 8)] }
        var place = start
        // The last sample of a block reaches into the next one.
        while place + Self.blockLength + 4 <= raw.count {
          let near =
            look(place) | look(place + 2) | look(place + 4) | look(place + 6) | look(place + 8) | look(place + 10)
            | look(place + 12) | look(place + 14)
          let far = long[HeaderSamples.hash(word(place))] | long[HeaderSamples.hash(word(place + 8))]
          if near | far != 0 { return place..<place + Self.blockLength }
          place += Self.blockLength
        }
        return tail(raw, place, short, long) ? place..<raw.count : nil
      }
    }
  }

  /// Returns whether the bytes from `start` on, less than a block and what it reaches into, have a sample of a header.
  @inline(__always)
  private func tail(
    _ raw: UnsafeRawBufferPointer, _ start: Int, _ short: UnsafeBufferPointer<UInt16>,
    _ long: UnsafeBufferPointer<UInt16>
  ) -> Bool {
    var (place, found) = (start, UInt16(0))
    while place + 4 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)
      found |= short[HeaderSamples.hash(word << 8)]
      if (place - start) & 7 == 0 { found |= long[HeaderSamples.hash(word)] }
      place += 2
    }
    if place + 3 == raw.count {
      let word = UInt32(raw[place]) | UInt32(raw[place + 1]) << 8 | UInt32(raw[place + 2]) << 16
      found |= short[HeaderSamples.hash(word << 8)]
    }
    return found != 0
  }

  /// Calls `body` for each header that has a sample in the block, with its place.
  private func check(_ text: UnsafeBufferPointer<UInt8>, _ block: Range<Int>, _ body: (Int, Int) -> Void) {
    let raw = UnsafeRawBufferPointer(text)
    for place in stride(from: block.lowerBound, to: block.upperBound, by: short.step) {
      var word: UInt32 = 0
      if place + 4 <= raw.count {
        word = raw.loadUnaligned(fromByteOffset: place, as: UInt32.self)
      } else {
        for index in 0..<raw.count - place { word |= UInt32(raw[place + index]) << UInt32(8 * index) }
      }
      let near = short.slots[HeaderSamples.hash(word << 8)]
      if near != 0 { report(short.candidates[Int(near)], text, place, body) }
      guard (place - block.lowerBound) & (long.step - 1) == 0 else { continue }
      let far = long.slots[HeaderSamples.hash(word)]
      if far != 0 { report(long.candidates[Int(far)], text, place, body) }
    }
  }

  private func report(
    _ candidates: [HeaderSamples.Candidate], _ text: UnsafeBufferPointer<UInt8>, _ place: Int,
    _ body: (Int, Int) -> Void
  ) {
    for candidate in candidates {
      let start = place - candidate.offset
      if start >= 0, text[start] == candidate.first, Self.has(headers[candidate.header], at: start, in: text) {
        body(candidate.header, start)
      }
    }
  }

  private static func has(_ header: [UInt8], at place: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard place + header.count <= text.count else { return false }
    for index in 0..<header.count where text[place + index] != header[index] { return false }
    return true
  }
}

/// The samples of headers of one kind.
private struct HeaderSamples {
  /// A header that may be where a sample was found, so many bytes before it.
  struct Candidate {
    var header: Int
    var offset: Int
    /// The first byte of the header.
    var first: UInt8
  }

  /// The places from one sample to the next, and the bytes of a sample.
  let step: Int
  let length: Int
  /// By the hash of a sample, where its candidates are; 0 for none.
  private(set) var slots = [UInt16](repeating: 0, count: 1 << HeaderSamples.bits)
  private(set) var candidates: [[Candidate]] = [[]]

  private static let bits = 13

  init(step: Int, length: Int) { (self.step, self.length) = (step, length) }

  /// The bytes of a header in which one of the samples must be.
  var part: Int { step + length - 1 }

  @inline(__always)
  static func hash(_ word: UInt32) -> Int { Int(truncatingIfNeeded: (word &* 0x9e37_79b1) >> UInt32(32 - bits)) }

  mutating func add(_ header: [UInt8], _ index: Int) {
    let start = rarest(header)
    for offset in start..<start + step {
      let word = header[offset..<offset + length].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
      let hash = Self.hash(word << UInt32(8 * (4 - length)))
      if slots[hash] == 0 {
        slots[hash] = UInt16(candidates.count)
        candidates.append([])
      }
      candidates[Int(slots[hash])].append(Candidate(header: index, offset: offset, first: header[0]))
    }
  }

  /// Returns where the part of a header begins that is least like other text: most of that is lower case.
  private func rarest(_ header: [UInt8]) -> Int {
    func value(_ start: Int) -> Int { header[start..<start + part].count { $0 &- 0x61 >= 26 } }
    return (0...header.count - part).reversed().max { value($0) < value($1) } ?? 0
  }
}
