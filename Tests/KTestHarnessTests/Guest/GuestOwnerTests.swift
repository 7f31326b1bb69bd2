import Foundation
import Testing

@testable import KTestGuests
@testable import KTestValues

@Suite("Who runs a guest")
struct GuestOwnerTests {
  @Test("this process, as text and back")
  func text() {
    let owner = GuestOwner.current
    #expect(owner.pid == getpid() && owner.startTicks > 0 && !owner.bootID.isEmpty)
    #expect(GuestOwner(text: owner.text) == owner)
    #expect(GuestOwner(text: " \(owner.text)\n") == owner)
  }

  @Test("what is no owner is none", arguments: ["", "a b c d", "a b 1", "a b 1 2 3", "a b 99999999999 2", "a b 1 -2"])
  func noOwner(_ text: String) { #expect(GuestOwner(text: text) == nil) }

  @Test("dead is who ran here and is no more")
  func dead() {
    let here = GuestOwner.current
    #expect(!here.isDead(seenFrom: here))
    var other = here
    other.startTicks += 1
    #expect(other.isDead(seenFrom: here), "the process id was used again")
    other = here
    other.bootID = "before"
    #expect(other.isDead(seenFrom: here))
    other = here
    other.pid = 1 << 30
    #expect(other.isDead(seenFrom: here))
    other.host = "elsewhere"
    #expect(!other.isDead(seenFrom: here))
  }
}

@Suite("The tiny guest")
struct TinyGuestTests {
  @Test("is an ELF file with a PVH entry that QEMU's loader takes")
  func image() throws {
    let image = TinyGuest.image
    func number(_ offset: Int, _ size: Int) -> Int { (0..<size).reduce(0) { $0 | Int(image[offset + $1]) << (8 * $1) } }
    #expect(Array(image[0..<7]) == [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1])
    #expect(number(16, 2) == 2 && number(18, 2) == 62 && number(20, 4) == 1)
    let entry = number(24, 8)
    let (headers, size, count) = (number(32, 8), number(54, 2), number(56, 2))
    #expect(headers == 64 && size == 56 && count == 2 && number(52, 2) == 64)
    for header in 0..<count {
      let start = headers + header * size
      #expect(number(start + 8, 8) + number(start + 32, 8) <= image.count, "segment \(header) ends after the file")
    }
    // PT_LOAD holds the entry point, PT_NOTE the same address as Xen's note 18.
    #expect(number(headers, 4) == 1 && number(headers + 16, 8) == entry)
    let note = headers + size
    #expect(number(note, 4) == 4)
    let place = number(note + 8, 8)
    #expect(number(place, 4) == 4 && number(place + 4, 4) == 4 && number(place + 8, 4) == 18)
    #expect(Array(image[(place + 12)..<(place + 16)]) == Array("Xen\0".utf8))
    #expect(number(place + 16, 4) == entry)
    let load = number(headers + 8, 8)
    #expect(image[load] == 0xBA)
    #expect(Array(image[(load + 64)...]) == Array(TinyGuest.message.utf8))
  }
}
