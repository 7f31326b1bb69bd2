/// Returns the text with the secrets of its URLs hidden: `https://user:token@host/…` and `?token=…`. Everything that is
/// shown, recorded or reported goes through this function; it is idempotent.
///
/// In `ssh://user:password@host` the user stays because it is part of the address.
package func withoutSecrets(_ text: String) -> String {
  guard text.utf8.contains(UInt8(ascii: ":")) else { return text }
  let bytes = Array(text.utf8)
  let hidden = withoutSecrets(bytes)
  return hidden.count == bytes.count && hidden == bytes ? text : String(decoding: hidden, as: UTF8.self)
}

/// Hides the secrets of URLs in bytes.
package func withoutSecrets(_ bytes: [UInt8]) -> [UInt8] {
  var result: [UInt8] = []
  var done = 0
  var place = 0
  while let colon = bytes[place...].firstIndex(of: UInt8(ascii: ":")) {
    place = colon + 1
    guard bytes[place...].starts(with: [0x2F, 0x2F]) else { continue }
    let start = colon + 3
    let end = bytes[start...].firstIndex(where: SecretBytes.endsURL) ?? bytes.count
    let scheme = bytes[..<colon].reversed().prefix { SecretBytes.isLetter($0) || $0 == UInt8(ascii: "+") }.reversed()
    let hidden = SecretBytes.hidden(bytes[start..<end], keepsUser: scheme.suffix(3).elementsEqual("ssh".utf8))
    result += bytes[done..<start] + hidden
    done = end
    place = end
  }
  return done == 0 ? bytes : result + bytes[done...]
}

private enum SecretBytes {
  private static let mark = Array("***".utf8)
  private static let words = ["token", "secret", "passw", "pwd", "key", "sig", "auth", "credential"].map {
    Array($0.utf8)
  }

  static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }

  /// Returns whether the byte ends a URL: blanks, quotes, brackets, and the backslash of a JSON text.
  static func endsURL(_ byte: UInt8) -> Bool {
    byte <= 0x20 || byte == 0x7F || "\"'<>\\`".utf8.contains(byte)
  }

  /// Hides the secrets of a URL, given the part after its `://`.
  static func hidden(_ url: ArraySlice<UInt8>, keepsUser: Bool) -> [UInt8] {
    let slash = url.firstIndex { "/?#".utf8.contains($0) } ?? url.endIndex
    var result: [UInt8] = []
    var rest = url[...]
    if let at = url[..<slash].lastIndex(of: UInt8(ascii: "@")) {
      let colon = url[..<at].firstIndex(of: UInt8(ascii: ":"))
      if !keepsUser {
        result += mark
      } else {
        result += url[..<(colon ?? at)] + (colon == nil ? [] : [UInt8(ascii: ":")] + mark)
      }
      rest = url[at...]
    }
    guard let question = rest.firstIndex(where: { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }) else {
      return result + rest
    }
    result += rest[..<question]
    rest = rest[question...]
    while let first = rest.first {
      // This is one `?name=value`; a revision may follow the last one.
      let end = rest.dropFirst().firstIndex { "?&;#@".utf8.contains($0) } ?? rest.endIndex
      let part = rest[rest.startIndex..<end]
      if first != UInt8(ascii: "@"), let equals = part.firstIndex(of: UInt8(ascii: "=")), isSecret(part[..<equals]) {
        result += part[...equals] + mark
      } else {
        result += part
      }
      rest = rest[end...]
    }
    return result
  }

  private static func isSecret(_ name: ArraySlice<UInt8>) -> Bool {
    let name = name.map { isLetter($0) ? $0 | 0x20 : $0 }
    return words.contains { word in
      name.indices.contains { name[$0...].starts(with: word) }
    }
  }
}
