import Testing

@testable import KTestHost
@testable import KTestValues

/// Builds ELF files by hand: a program header table, one loaded segment, a dynamic section and its strings.
struct ELFSample {
  var type: UInt16 = 3
  var machine: UInt16 = 62
  var interpreter: String?
  var dynamic: [(tag: UInt64, text: String)] = []

  var bytes: [UInt8] {
    var strings: [UInt8] = [0]
    var table: [UInt8] = []
    for (tag, text) in dynamic {
      table += little(tag, 8) + little(UInt64(strings.count), 8)
      strings += Array(text.utf8) + [0]
    }
    let base: UInt64 = 0x10000
    let start = 64 + 3 * 56
    let stringsAt = start + table.count + 32
    table += little(5, 8) + little(base + UInt64(stringsAt), 8) + little(0, 16)
    let name = Array((interpreter ?? "").utf8) + [0]
    let total = stringsAt + strings.count + name.count
    var file: [UInt8] = [0x7f, 0x45, 0x4c, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 9)
    file += little(UInt64(type), 2) + little(UInt64(machine), 2) + little(1, 4) + little(0, 8) + little(64, 8)
    file += little(0, 8) + little(0, 4) + little(64, 2) + little(56, 2) + little(3, 2) + little(0, 6)
    file += header(1, 0, base, total)
    file += header(2, start, base + UInt64(start), table.count)
    file += header(interpreter == nil ? 0 : 3, stringsAt + strings.count, 0, name.count)
    return file + table + strings + name
  }

  private func header(_ type: UInt64, _ offset: Int, _ address: UInt64, _ size: Int) -> [UInt8] {
    little(type, 4) + little(4, 4) + little(UInt64(offset), 8) + little(address, 8) + little(address, 8)
      + little(UInt64(size), 8) + little(UInt64(size), 8) + little(8, 8)
  }

  private func little(_ value: UInt64, _ count: Int) -> [UInt8] {
    (0..<count).map { $0 < 8 ? UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) : 0 }
  }
}

@Suite struct ELFLinkingTests {
  private let sample = ELFSample(
    interpreter: "/lib64/ld-linux-x86-64.so.2",
    dynamic: [(1, "libndctl.so.6"), (1, "libc.so.6"), (14, "self.so.1"), (29, "$ORIGIN/../lib:/opt/lib")])

  @Test func readsWhatTheLoaderReads() throws {
    let image = try ELFLinking(sample.bytes)
    #expect(image.kind == .shared)
    #expect(image.machine == .x86_64)
    #expect(image.interpreter == "/lib64/ld-linux-x86-64.so.2")
    #expect(image.needed == ["libndctl.so.6", "libc.so.6"])
    #expect(image.soname == "self.so.1")
    #expect(image.runpath == ["$ORIGIN/../lib", "/opt/lib"])
    #expect(image.rpath == [])
  }

  @Test func readsTheRunningProgram() throws {
    let image = try ELFLinking(try Files.read("/proc/self/exe"))
    #expect(image.machine == ELFMachine.host)
    #expect(image.needed.contains("libc.so.6"))
  }

  @Test func refusesOtherFiles() {
    #expect(throws: ELFProblem.notELF) { try ELFLinking(Array("#!/bin/sh\n".utf8)) }
    #expect(throws: ELFProblem.notELF) { try ELFLinking([]) }
    #expect(throws: ELFProblem.truncated("the header")) { try ELFLinking([0x7f, 0x45, 0x4c, 0x46, 2, 1]) }
    var bytes = sample.bytes
    bytes[4] = 1
    #expect(throws: ELFProblem.notSupported(machine: .x86_64, is32Bit: true, isBigEndian: false)) {
      try ELFLinking(bytes)
    }
    bytes[4] = 2
    bytes[5] = 2
    let swapped = ELFMachine(number: 62 << 8)
    #expect(throws: ELFProblem.notSupported(machine: swapped, is32Bit: false, isBigEndian: true)) {
      try ELFLinking(bytes)
    }
  }

  @Test func everyPrefixIsAnErrorAndNoTrap() {
    let bytes = sample.bytes
    for length in 0..<bytes.count {
      #expect(throws: ELFProblem.self, "\(length) bytes") { try ELFLinking(Array(bytes[..<length])) }
    }
  }

  @Test func noByteMakesItTrap() {
    let bytes = sample.bytes
    var readable = 0
    for index in bytes.indices {
      for value: UInt8 in [0, 1, 0x7f, 0x80, 0xff] {
        var damaged = bytes
        damaged[index] = value
        if (try? ELFLinking(damaged)) != nil { readable += 1 }
      }
    }
    #expect(readable > 0 && readable < 5 * bytes.count)
  }
}
