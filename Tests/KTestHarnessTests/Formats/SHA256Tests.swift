import Testing

@testable import KTestValues

struct SHA256Tests {
  @Test(
    "the vectors of FIPS 180-4",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func vectors(text: String, expected: String) {
    #expect(SHA256.hex(of: text) == expected)
    #expect(SHA256.hex(of: Array(text.utf8)) == expected)
  }

  @Test func aMillionLettersInUnevenPieces() {
    var hash = SHA256()
    let piece = [UInt8](repeating: UInt8(ascii: "a"), count: 1013)
    var left = 1_000_000
    while left > 0 {
      hash.update(piece.prefix(left))
      left -= min(left, piece.count)
    }
    #expect(hash.hex() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  @Test("every split of every length around a block gives the same digest")
  func splits() {
    for length in [55, 56, 57, 63, 64, 65, 119, 120, 128, 130] {
      let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 &* 37) }
      let whole = SHA256.hex(of: bytes)
      for cut in 0...length {
        var hash = SHA256()
        hash.update(bytes[..<cut])
        hash.update(bytes[cut...])
        #expect(hash.hex() == whole, "length \(length), cut at \(cut)")
      }
    }
  }

  @Test func theDigestDoesNotEndTheStream() {
    var hash = SHA256()
    hash.update("ab")
    #expect(hash.hex() == SHA256.hex(of: "ab"))
    hash.update("c")
    #expect(hash.hex() == SHA256.hex(of: "abc"))
  }
}
