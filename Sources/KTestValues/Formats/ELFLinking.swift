/// The parts of an ELF file that the dynamic loader reads: interpreter, needed libraries and their search paths.
package struct ELFLinking: Sendable, Equatable {
  package enum Kind: Sendable, Equatable { case relocatable, executable, shared, other }

  package var kind: Kind
  package var machine: ELFMachine
  /// The program's loader, for example `/lib64/ld-linux-x86-64.so.2`; nil for static programs and libraries.
  package var interpreter: String?
  /// The names of the libraries that it needs, in order.
  package var needed: [String] = []
  package var soname: String?
  /// The directories of `DT_RPATH` and `DT_RUNPATH`, unexpanded (`$ORIGIN`).
  package var rpath: [String] = []
  package var runpath: [String] = []

  /// Returns whether bytes start like an ELF file; the rest is not checked.
  package static func isELF(_ bytes: [UInt8]) -> Bool { bytes.starts(with: ELFFile.magic) }

  package init(_ bytes: [UInt8]) throws(ELFProblem) {
    self = try bytes.withUnsafeBufferPointer { buffer throws(ELFProblem) in
      try ELFLinking(try ELFFile(ByteView(UnsafeRawBufferPointer(buffer))))
    }
  }

  init(_ file: ELFFile) throws(ELFProblem) {
    kind =
      switch file.kind {
      case .relocatable: .relocatable
      case .executable: .executable
      case .shared: .shared
      case .core, nil: .other
      }
    machine = file.machine
    let segments = file.segments
    guard segments.count == file.segmentCount else { throw .truncated("the program header table") }
    if let segment = segments.first(where: { $0.type == ELFFile.interpreterSegment }) {
      interpreter = try ELFLinking.string(file, segment.offset, limit: segment.size, what: "the interpreter's name")
    }
    try readDynamic(file, segments)
  }

  private mutating func readDynamic(_ file: ELFFile, _ segments: [ELFFile.Segment]) throws(ELFProblem) {
    guard let dynamic = segments.first(where: { $0.type == ELFFile.dynamicSegment }) else { return }
    guard let entries = file.bytes.slice(dynamic.offset, dynamic.size) else { throw .truncated("the dynamic section") }
    var named: [(tag: UInt64, offset: Int)] = []
    var strings: UInt64?
    for at in stride(from: 0, through: entries.count - 16, by: 16) {
      guard let tag = entries.word(at), let value = entries.word(at + 8), tag != 0 else { break }
      if tag == 5 { strings = value }
      if [1, 14, 15, 29].contains(tag) { named.append((tag, Int(truncatingIfNeeded: value))) }
    }
    guard let strings, !named.isEmpty else { return }
    guard let segment = segments.first(where: { $0.type == ELFFile.loadSegment && $0.contains(strings) }) else {
      throw .truncated("the string table")
    }
    let table = segment.offset &+ Int(truncatingIfNeeded: strings &- segment.address)
    for (tag, offset) in named {
      let text = try ELFLinking.string(file, table &+ offset, limit: 65_536, what: "a library's name")
      switch tag {
      case 1: needed.append(text)
      case 14: soname = text
      case 15: rpath = text.split(separator: ":").map(String.init)
      default: runpath = text.split(separator: ":").map(String.init)
      }
    }
  }

  /// Returns the NUL-terminated text at an offset, at most `limit` bytes.
  private static func string(
    _ file: ELFFile, _ offset: Int, limit: Int, what: String
  ) throws(ELFProblem) -> String {
    guard offset >= 0, offset < file.bytes.count,
      let bytes = file.bytes.slice(offset, min(file.bytes.count - offset, limit)),
      let end = bytes.bytes.firstIndex(of: 0)
    else { throw .truncated(what) }
    return String(decoding: bytes.bytes[..<end], as: UTF8.self)
  }
}
