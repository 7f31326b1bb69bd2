internal import CNettle

/// SHA-256 (FIPS 180-4) by GNU Nettle, fed in pieces of any size.
///
/// Kernel images and guest images are named by it; it is no defence against anybody who chooses the bytes.
///
/// ```
/// var hash = SHA256()
/// hash.update(header)
/// hash.update(payload)
/// let name = hash.hex()
/// ```
package struct SHA256: Sendable {
  private var context = sha256_ctx()

  package init() { nettle_sha256_init(&context) }

  package mutating func update(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ bytes: ArraySlice<UInt8>) {
    bytes.withUnsafeBytes { update($0) }
  }

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.bindMemory(to: UInt8.self).baseAddress else { return }
    nettle_sha256_update(&context, bytes.count, start)
  }

  /// Returns the 32 bytes of the digest so far. More bytes may be added afterwards.
  package func digest() -> [UInt8] {
    var copy = context
    return [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_SIZE)) { digest, count in
      nettle_sha256_digest(&copy, digest.count, digest.baseAddress)
      count = digest.count
    }
  }

  /// Returns the digest as 64 lower-case hexadecimal digits.
  package func hex() -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: digest().flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  package static func hex(of bytes: [UInt8]) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hex()
  }

  package static func hex(of text: String) -> String {
    var hash = SHA256()
    hash.update(text)
    return hash.hex()
  }
}
