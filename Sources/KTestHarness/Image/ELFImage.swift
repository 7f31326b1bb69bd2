/// The parts of a 64-bit ELF file that the dynamic loader reads (elf(5)).
///
/// The bytes may be anything: a reference outside of them is an error, never a trap.
public struct ELFImage: Sendable, Equatable {
  public enum Kind: Sendable, Equatable { case relocatable, executable, shared, other(UInt16) }

  public var kind: Kind
  /// The `e_machine`: 62 is x86-64, 183 is arm64, 243 is RISC-V.
  public var machine: UInt16
  /// The program's loader, for example `/lib64/ld-linux-x86-64.so.2`; nil for static programs and libraries.
  public var interpreter: String?
  /// The names of needed libraries, in order.
  public var needed: [String] = []
  public var soname: String?
  /// The directories of `DT_RPATH` and `DT_RUNPATH`, unexpanded (`$ORIGIN`).
  public var rpath: [String] = []
  public var runpath: [String] = []

  public enum Problem: Error, Equatable, CustomStringConvertible {
    case notELF
    case notSupported(String)
    case truncated(String)

    public var description: String {
      switch self {
      case .notELF: "not an ELF file"
      case .notSupported(let what): "an ELF file of another kind: \(what)"
      case .truncated(let what): "a damaged ELF file: \(what) lies outside of the file"
      }
    }
  }

  /// Returns whether the bytes start like an ELF file, without checking the rest.
  public static func isELF(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x7f, 0x45, 0x4c, 0x46]) }

  public init(_ bytes: [UInt8]) throws(Problem) {
    guard ELFImage.isELF(bytes) else { throw .notELF }
    let file = ELFBytes(bytes: bytes)
    guard bytes.count >= 64 else { throw .truncated("the header") }
    guard bytes[4] == 2 else { throw .notSupported("32-bit") }
    guard bytes[5] == 1 else { throw .notSupported("big-endian") }
    kind =
      switch try file.half(16) {
      case 1: .relocatable
      case 2: .executable
      case 3: .shared
      case let other: .other(other)
      }
    machine = try file.half(18)
    let headers = try file.programHeaders()
    if let header = headers.first(where: { $0.type == 3 }) {
      interpreter = try file.string(header.offset, limit: header.fileSize, what: "the interpreter's name")
    }
    try readDynamic(file, headers)
  }

  private mutating func readDynamic(_ file: ELFBytes, _ headers: [ELFBytes.ProgramHeader]) throws(Problem) {
    guard let dynamic = headers.first(where: { $0.type == 2 }) else { return }
    guard dynamic.fileSize >= 0, dynamic.offset >= 0, dynamic.fileSize <= file.bytes.count - dynamic.offset else {
      throw .truncated("the dynamic section")
    }
    var named: [(tag: UInt64, offset: Int)] = []
    var strings: UInt64?
    for at in stride(from: dynamic.offset, through: dynamic.offset + dynamic.fileSize - 16, by: 16) {
      let tag = try file.word(at)
      if tag == 0 { break }
      let value = try file.word(at + 8)
      if tag == 5 { strings = value }
      if [1, 14, 15, 29].contains(tag) { named.append((tag, Int(truncatingIfNeeded: value))) }
    }
    guard let strings, !named.isEmpty else { return }
    guard let segment = headers.first(where: { $0.type == 1 && $0.contains(strings) }) else {
      throw .truncated("the string table")
    }
    let table = segment.offset &+ Int(truncatingIfNeeded: strings &- segment.address)
    for (tag, offset) in named {
      let text = try file.string(table &+ offset, limit: 65_536, what: "a library's name")
      switch tag {
      case 1: needed.append(text)
      case 14: soname = text
      case 15: rpath = text.split(separator: ":").map(String.init)
      default: runpath = text.split(separator: ":").map(String.init)
      }
    }
  }
}

/// Little-endian reads with bounds checks.
struct ELFBytes {
  struct ProgramHeader {
    var type: UInt32
    var offset: Int
    var address: UInt64
    var fileSize: Int

    func contains(_ address: UInt64) -> Bool {
      address >= self.address && address - self.address < UInt64(clamping: fileSize)
    }
  }

  let bytes: [UInt8]

  func number(_ at: Int, _ count: Int) throws(ELFImage.Problem) -> UInt64 {
    guard at >= 0, at <= bytes.count - count else { throw .truncated("a number") }
    var value: UInt64 = 0
    for index in (0..<count).reversed() { value = value << 8 | UInt64(bytes[at + index]) }
    return value
  }

  func half(_ at: Int) throws(ELFImage.Problem) -> UInt16 { UInt16(try number(at, 2)) }
  func word(_ at: Int) throws(ELFImage.Problem) -> UInt64 { try number(at, 8) }

  func programHeaders() throws(ELFImage.Problem) -> [ProgramHeader] {
    let start = Int(truncatingIfNeeded: try word(32))
    let size = Int(try half(54))
    let count = Int(try half(56))
    guard count > 0 else { return [] }
    guard size >= 56 else { throw .truncated("the program header table") }
    guard start >= 0, start <= bytes.count, count * size <= bytes.count - start else {
      throw .truncated("the program header table")
    }
    var headers: [ProgramHeader] = []
    for at in stride(from: start, to: start + count * size, by: size) {
      headers.append(
        ProgramHeader(
          type: UInt32(try number(at, 4)), offset: Int(truncatingIfNeeded: try word(at + 8)),
          address: try word(at + 16), fileSize: Int(truncatingIfNeeded: try word(at + 32))))
    }
    return headers
  }

  /// Returns the zero-terminated text at an offset, at most `limit` bytes long.
  func string(_ at: Int, limit: Int, what: String) throws(ELFImage.Problem) -> String {
    guard at >= 0, at < bytes.count, limit >= 0 else { throw .truncated(what) }
    let end = min(bytes.count - at, limit) + at
    guard let zero = bytes[at..<end].firstIndex(of: 0) else { throw .truncated(what) }
    return String(decoding: bytes[at..<zero], as: UTF8.self)
  }
}
