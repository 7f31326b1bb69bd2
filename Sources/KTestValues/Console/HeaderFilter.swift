/// Quickly rules out lines that do not begin a splat, which are nearly all lines.
///
/// It searches all header texts together (Wu and Manber, 1994): a table maps two bytes to the distance at which the
/// next header can begin at the earliest, so that a line is read in steps of several bytes.
struct HeaderFilter: Sendable {
  private let headers: [[UInt8]]
  private let shortest: Int
  /// The number of bytes to advance, by the hash of two bytes; 0 if the first part of a header may end here.
  private var steps: [UInt8]
  /// The headers that may end here, by the same hash.
  private var candidates: [[Int]]

  init(_ texts: [String]) {
    headers = texts.map { Array($0.utf8) }
    shortest = headers.map(\.count).min() ?? 2
    precondition(shortest >= 2, "a header needs two bytes or more")
    steps = [UInt8](repeating: UInt8(min(255, shortest - 1)), count: 4096)
    candidates = Array(repeating: [], count: 4096)
    for (index, header) in headers.enumerated() {
      for end in 1..<shortest {
        let hash = Self.hash(header[end - 1], header[end])
        let distance = shortest - 1 - end
        steps[hash] = min(steps[hash], UInt8(distance))
        if distance == 0 { candidates[hash].append(index) }
      }
    }
  }

  @inline(__always)
  private static func hash(_ first: UInt8, _ second: UInt8) -> Int { (Int(first) << 4 ^ Int(second)) & 4095 }

  /// Returns the headers in the text from `start` on, as (index, place), ordered by place.
  func hits(_ text: [UInt8], from start: Int) -> [(header: Int, place: Int)] {
    text.withUnsafeBufferPointer { text in
      steps.withUnsafeBufferPointer { steps in
        var found: [(header: Int, place: Int)] = []
        var end = start + shortest - 1
        while end < text.count {
          let hash = Self.hash(text[end - 1], text[end])
          let step = Int(steps[hash])
          if step > 0 {
            end += step
            continue
          }
          let place = end - shortest + 1
          for index in candidates[hash] where Self.has(headers[index], at: place, in: text) {
            found.append((index, place))
          }
          end += 1
        }
        return found
      }
    }
  }

  /// Returns whether the text contains one of the headers.
  func isIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    steps.withUnsafeBufferPointer { steps in
      var end = shortest - 1
      while end < text.count {
        let hash = Self.hash(text[end - 1], text[end])
        let step = Int(steps[hash])
        if step > 0 {
          end += step
          continue
        }
        let place = end - shortest + 1
        for index in candidates[hash] where Self.has(headers[index], at: place, in: text) { return true }
        end += 1
      }
      return false
    }
  }

  private static func has(_ header: [UInt8], at place: Int, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard place + header.count <= text.count else { return false }
    for index in 0..<header.count where text[place + index] != header[index] { return false }
    return true
  }
}
