/// Checks a file's bytes before libyaml sees them, so that it can report the exact position of invalid text.
enum SourceScreening {
  /// Returns false, after reporting an error, if the bytes are not UTF-8 or contain characters that YAML forbids.
  static func accepts(_ bytes: [UInt8], diagnostics: Diagnostics) -> Bool {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      reportInvalid(bytes, diagnostics)
      return false
    }
    var cursor = Cursor()
    for scalar in text.unicodeScalars {
      let isMark = scalar == "\u{FEFF}" && cursor.isAtStart
      if !isMark {
        guard isAllowed(scalar) else {
          let code = String(scalar.value, radix: 16, uppercase: true)
          let padded = String(repeating: "0", count: max(0, 4 - code.count)) + code
          diagnostics.error(
            at: cursor.mark, "the character U+\(padded) is not allowed in YAML",
            note: scalar.value == 0
              ? "this looks like a binary file" : "inside double quotes it can be written \\u\(padded)")
          return false
        }
        cursor.advance(over: scalar)
      }
    }
    return true
  }

  /// Returns whether the scalar is a line break in YAML 1.1, which libyaml counts.
  static func isBreak(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}": true
    default: false
    }
  }

  private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xD7FF, 0xE000...0xFEFE, 0xFF00...0xFFFD, 0x10000...0x10FFFF: true
    default: false
    }
  }

  private static func reportInvalid(_ bytes: [UInt8], _ diagnostics: Diagnostics) {
    var cursor = Cursor()
    var parser = Unicode.UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var offset = 0
    while true {
      switch parser.parseScalar(from: &iterator) {
      case .valid(let encoded):
        let scalar = Unicode.UTF8.decode(encoded)
        if !(scalar == "\u{FEFF}" && cursor.isAtStart) { cursor.advance(over: scalar) }
        offset += encoded.count
      case .error:
        let isUTF16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
        let byte = String(bytes[offset], radix: 16, uppercase: true)
        diagnostics.error(
          at: cursor.mark, "byte 0x\(byte) at offset \(offset) is not UTF-8",
          note: isUTF16 ? "this looks like UTF-16; save the file as UTF-8" : "save the file as UTF-8")
        return
      case .emptyInput:
        return
      }
    }
  }

  /// Counts lines and columns as libyaml does: CR LF is one break.
  private struct Cursor {
    private(set) var mark = Mark(line: 1, column: 1)
    private var wasReturn = false

    var isAtStart: Bool { mark == Mark(line: 1, column: 1) }

    mutating func advance(over scalar: Unicode.Scalar) {
      if scalar == "\n", wasReturn {
        wasReturn = false
        return
      }
      wasReturn = scalar == "\r"
      if SourceScreening.isBreak(scalar) {
        mark = Mark(line: mark.line + 1, column: 1)
      } else {
        mark.column += 1
      }
    }
  }
}
