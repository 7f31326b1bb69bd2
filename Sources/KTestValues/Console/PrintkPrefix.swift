/// The prefix of a kernel line. These forms are recognised, alone and in the combinations that tools make of them: `[
/// 12.345678]` (printk), `[   12.345678][  T12]` (caller), `<6>` (level, `dmesg -r`), `kern  :info  :` (`dmesg -x`),
/// `Jan  5 12:34:56 host kernel:` and `2024-01-05T12:34:56+01:00 host kernel:` (syslog, journald), `[Fri Jan  5
/// 12:34:56 2024]` (`dmesg -T`), `2024-01-05T12:34:56,123456+01:00` (`dmesg --time-format=iso`), `[   12.345678] host
/// kernel:` (`journalctl -o short-monotonic`) and `[   12.345678 <    0.000012>]` (`dmesg -d`).
struct PrintkPrefix {
  private(set) var seconds: Double?
  private(set) var caller: PrintkCaller?
  /// The offset where the text begins; 0 if there is no prefix.
  private(set) var end = 0

  init(_ line: [UInt8]) { self = line.withUnsafeBufferPointer { PrintkPrefix($0) } }

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    // There are at most three, as in `Jan  5 12:34:56 host kernel: <4>[   12.3]`; a fourth would be text that looks
    // like one.
    var known = 0
    while known < 4, end < bytes.count, take(Cursor(bytes: bytes, place: end)) { known += 1 }
  }

  private mutating func take(_ cursor: Cursor) -> Bool {
    var cursor = cursor
    switch cursor.current {
    case UInt8(ascii: "["), ASCII.space:
      cursor.skipSpaces()
      guard cursor.current == UInt8(ascii: "["), takeBracket(&cursor) else { return false }
    case UInt8(ascii: "<"):
      guard end == 0 || seconds == nil, cursor.level() else { return false }
    case UInt8(ascii: "0")...UInt8(ascii: "9"):
      guard end == 0, cursor.isoTime() else { return false }
      if !cursor.sender() { cursor.skip(UInt8(ascii: " ")) }
    case UInt8(ascii: "k"):
      guard end == 0, cursor.facility() else { return false }
    case UInt8(ascii: "A")...UInt8(ascii: "Z"):
      guard end == 0, cursor.month(), cursor.dayAndClock(), cursor.sender() else { return false }
    default: return false
    }
    end = cursor.place
    return true
  }

  private mutating func takeBracket(_ cursor: inout Cursor) -> Bool {
    let inside = cursor.after(1)
    var number = inside
    number.skipSpaces()
    if seconds == nil, let time = number.seconds() {
      number.skipDelta()
      guard number.skip(UInt8(ascii: "]")) else { return false }
      seconds = time
      cursor = number
      if cursor.current != UInt8(ascii: "[") {
        cursor.skip(UInt8(ascii: " "))
        // journalctl's monotonic form also names the sender.
        if cursor.mayBeSender { cursor.sender() }
      }
      return true
    }
    if end > 0, caller == nil, let who = number.caller(), number.skip(UInt8(ascii: "]")) {
      caller = who
      cursor = number
      if cursor.current != UInt8(ascii: "[") { cursor.skip(UInt8(ascii: " ")) }
      return true
    }
    var day = inside
    if seconds == nil, day.weekday(), day.month(), day.dayAndClock(), day.year(), day.skip(UInt8(ascii: "]")) {
      day.skip(UInt8(ascii: " "))
      cursor = day
      return true
    }
    return false
  }
}

/// A position in a line, with parsers for the small parts of a prefix. No step leaves the line.
private struct Cursor {
  package let bytes: UnsafeBufferPointer<UInt8>
  var place: Int

  var current: UInt8 { place < bytes.count ? bytes[place] : 0 }

  func after(_ count: Int) -> Cursor { Cursor(bytes: bytes, place: min(bytes.count, place + count)) }

  @discardableResult
  mutating func skip(_ byte: UInt8) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  mutating func skipSpaces() {
    while current == ASCII.space { place += 1 }
  }

  mutating func digits(atMost limit: Int) -> Int? {
    let from = place
    var value = 0
    while place - from < limit, ASCII.isDigit(current) {
      value = value * 10 + Int(current - 0x30)
      place += 1
    }
    return place > from ? value : nil
  }

  mutating func seconds() -> Double? {
    guard let whole = digits(atMost: 12), skip(UInt8(ascii: ".")) else { return nil }
    let from = place
    guard let part = digits(atMost: 9) else { return nil }
    return Double(whole) + Double(part) / Self.powers[place - from]
  }

  private static let powers: [Double] = [1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9]

  mutating func skipDelta() {
    var ahead = self
    ahead.skipSpaces()
    guard ahead.skip(UInt8(ascii: "<")) else { return }
    ahead.skipSpaces()
    guard ahead.seconds() != nil, ahead.skip(UInt8(ascii: ">")) else { return }
    self = ahead
  }

  mutating func caller() -> PrintkCaller? {
    let kind = current
    guard kind == UInt8(ascii: "T") || kind == UInt8(ascii: "C") else { return nil }
    place += 1
    return digits(atMost: 10).map { kind == UInt8(ascii: "T") ? .task($0) : .cpu($0) }
  }

  mutating func level() -> Bool {
    guard skip(UInt8(ascii: "<")), digits(atMost: 3) != nil, skip(UInt8(ascii: ">")) else { return false }
    return true
  }

  /// Parses `kern  :warn  : `, the two columns of `dmesg -x`, for the kernel's own facility only.
  mutating func facility() -> Bool {
    guard word() == 4, after(-4).starts(with: "kern") else { return false }
    skipSpaces()
    guard skip(UInt8(ascii: ":")), word() > 0 else { return false }
    skipSpaces()
    guard skip(UInt8(ascii: ":")) else { return false }
    skip(UInt8(ascii: " "))
    return true
  }

  mutating func word() -> Int {
    let from = place
    while ASCII.isLetter(current) { place += 1 }
    return place - from
  }

  func starts(with text: StaticString) -> Bool {
    guard place >= 0, place + text.utf8CodeUnitCount <= bytes.count else { return false }
    return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[place + $0] == text.utf8Start[$0] }
  }

  mutating func weekday() -> Bool { word() == 3 && skip(UInt8(ascii: " ")) }

  mutating func month() -> Bool {
    let months: [StaticString] = [
      "Jan ", "Feb ", "Mar ", "Apr ", "May ", "Jun ", "Jul ", "Aug ", "Sep ", "Oct ", "Nov ", "Dec ",
    ]
    guard months.contains(where: starts(with:)) else { return false }
    place += 4
    return true
  }

  mutating func dayAndClock() -> Bool {
    skipSpaces()
    guard digits(atMost: 2) != nil, skip(UInt8(ascii: " ")) else { return false }
    return clock()
  }

  mutating func year() -> Bool { skip(UInt8(ascii: " ")) && digits(atMost: 4) != nil }

  mutating func clock() -> Bool {
    guard digits(atMost: 2) != nil, skip(UInt8(ascii: ":")), digits(atMost: 2) != nil, skip(UInt8(ascii: ":")),
      digits(atMost: 2) != nil
    else { return false }
    if current == UInt8(ascii: ".") || current == UInt8(ascii: ",") {
      place += 1
      return digits(atMost: 9) != nil
    }
    return true
  }

  mutating func isoTime() -> Bool {
    let dash = UInt8(ascii: "-")
    guard digits(atMost: 4) != nil, skip(dash), digits(atMost: 2) != nil, skip(dash), digits(atMost: 2) != nil,
      skip(UInt8(ascii: "T")), clock()
    else { return false }
    if skip(UInt8(ascii: "Z")) { return true }
    guard skip(UInt8(ascii: "+")) || skip(dash) else { return true }
    guard digits(atMost: 2) != nil else { return false }
    skip(UInt8(ascii: ":"))
    _ = digits(atMost: 2)
    return true
  }

  /// Whether `host kernel: ` may follow: the word after the first space begins with a k.
  var mayBeSender: Bool {
    var ahead = self
    while ahead.place < bytes.count, ahead.current != ASCII.space { ahead.place += 1 }
    return ahead.after(1).starts(with: "kernel")
  }

  /// Parses ` host kernel: `, with or without its leading space.
  @discardableResult
  mutating func sender() -> Bool {
    var ahead = self
    ahead.skip(UInt8(ascii: " "))
    while ahead.place < bytes.count, ahead.current != ASCII.space { ahead.place += 1 }
    guard ahead.skip(UInt8(ascii: " ")), ahead.starts(with: "kernel") else { return false }
    ahead.place += 6
    if ahead.skip(UInt8(ascii: "[")) {
      guard ahead.digits(atMost: 10) != nil, ahead.skip(UInt8(ascii: "]")) else { return false }
    }
    guard ahead.skip(UInt8(ascii: ":")) else { return false }
    ahead.skip(UInt8(ascii: " "))
    self = ahead
    return true
  }
}
