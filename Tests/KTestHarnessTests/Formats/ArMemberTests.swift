import Testing

@testable import KTestValues

struct ArMemberTests {
  private func header(size: String, end: String = "`\n") -> [UInt8] {
    func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: width - text.count) }
    return Array((padded("data.tar.xz", 16) + padded("0", 32) + padded(size, 10) + end).utf8)
  }

  @Test func theSizeOfAMember() {
    #expect(ArMember(header: header(size: "4"))?.size == 4)
    #expect(ArMember(header: header(size: "9999999999"))?.size == 9_999_999_999)
  }

  @Test(arguments: ["", "-1", "4 4", "0x4", "４"]) func noSize(_ text: String) {
    #expect(ArMember(header: Array(header(size: text).prefix(60))) == nil)
  }

  @Test func noHeader() {
    #expect(ArMember(header: []) == nil)
    #expect(ArMember(header: Array(header(size: "4").dropLast())) == nil)
    #expect(ArMember(header: header(size: "4", end: "xx")) == nil)
  }
}
