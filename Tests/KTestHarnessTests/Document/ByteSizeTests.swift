import Testing

@testable import KTestValues

@Suite struct ByteSizeTests {
  @Test(
    arguments: [
      ("0", 0), ("4096", 4096), ("64KiB", 65536), ("512MiB", 536_870_912), ("4GiB", 4_294_967_296),
      ("1TiB", 1_099_511_627_776), ("0x40000000", 1_073_741_824), ("16777215TiB", 18_446_742_974_197_923_840),
    ] as [(String, UInt64)])
  func reads(text: String, bytes: UInt64) throws {
    #expect(try ByteSize(parsing: text).bytes == bytes)
  }

  @Test(
    arguments: [
      ("4GB", "did you mean '4GiB'?"), ("4G", "did you mean '4GiB'?"), ("4 GiB", "did you mean '4GiB'?"),
      ("4gib", "did you mean '4GiB'?"), ("512m", "did you mean '512MiB'?"), ("1.5GiB", "not a whole number"),
      ("-1", "negative"), ("-4GiB", "negative"), ("", "expected a size"), ("GiB", "expected a size"),
      ("4XiB", "expected a size"), ("16777216TiB", "64 bits"), ("18446744073709551616", "64 bits"), ("5B", "no unit"),
      ("0x", "hexadecimal"), ("0x+1", "hexadecimal"), ("0x10000000000000000", "hexadecimal"),
      ("٣GiB", "expected a size"),
    ])
  func refuses(text: String, word: String) {
    do throws(ValueProblem) {
      let size = try ByteSize(parsing: text)
      Issue.record("read as \(size.bytes)")
    } catch {
      #expect(error.message.contains(word), "\(error)")
    }
  }

  @Test func writtenForms() {
    #expect(ByteSize.gibibytes(4).description == "4GiB" && ByteSize.gibibytes(4).kernelForm == "4G")
    #expect(ByteSize.mebibytes(1536).description == "1536MiB" && ByteSize.mebibytes(1536).kernelForm == "1536M")
    #expect(ByteSize(bytes: 4097).description == "4097" && ByteSize(bytes: 0).kernelForm == "0")
    #expect(ByteSize.kibibytes(3).kernelForm == "3K")
  }

  @Test(arguments: [0, 1, 4096, 1 << 21, 3 << 30, .max] as [UInt64]) func descriptionReadsBack(bytes: UInt64) throws {
    #expect(try ByteSize(parsing: ByteSize(bytes: bytes).description).bytes == bytes)
  }
}

@Suite struct DurationValueTests {
  @Test(arguments: [("500ms", 500), ("60s", 60_000), ("2m", 120_000), ("1h", 3_600_000)] as [(String, Int64)])
  func reads(text: String, milliseconds: Int64) throws {
    let value = try DurationValue(parsing: text)
    #expect(value.milliseconds == milliseconds)
    #expect(try DurationValue(parsing: value.description) == value)
  }

  @Test(
    arguments: [
      ("60", "did you mean '60s'?"), ("1.5s", "whole number"), ("0s", "more than zero"), ("-1s", "negative"),
      ("s", "expected a duration"), ("5d", "unit"), ("169h", "7 days"), ("99999999999999999999s", "7 days"),
      ("1m30s", "unit"),
    ])
  func refuses(text: String, word: String) {
    do throws(ValueProblem) {
      let value = try DurationValue(parsing: text)
      Issue.record("read as \(value)")
    } catch {
      #expect(error.message.contains(word), "\(error)")
    }
  }

  @Test func forms() {
    #expect(DurationValue.seconds(90).description == "90s" && DurationValue.seconds(90).seconds == 90)
    #expect(DurationValue(milliseconds: 1500).description == "1500ms")
    #expect(DurationValue(milliseconds: 1500).duration == .milliseconds(1500))
  }
}
