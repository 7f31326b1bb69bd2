import GuestProtocol
import Testing

@Suite("Frames of the agent's channel")
struct FrameTests {
  @Test("every message of the host survives the way", arguments: MessageSamples.host)
  func hostRoundTrip(_ message: HostMessage) throws { #expect(try HostMessage(frame: message.frame) == message) }

  @Test("every message of the guest survives the way", arguments: MessageSamples.guest)
  func guestRoundTrip(_ message: GuestMessage) throws { #expect(try GuestMessage(frame: message.frame) == message) }

  private func frames(of bytes: [UInt8], chunk: Int) throws -> [Frame] {
    var decoder = FrameDecoder()
    var frames: [Frame] = []
    for start in stride(from: 0, to: bytes.count, by: chunk) {
      decoder.push(bytes[start..<min(start + chunk, bytes.count)])
      while let frame = try decoder.next() { frames.append(frame) }
    }
    return frames
  }

  @Test("whatever the pieces, the frames are the same", arguments: [1, 2, 3, 5, 6, 7, 64, 1000, 1 << 20])
  func chunks(_ size: Int) throws {
    let sent = MessageSamples.guest.map(\.frame) + [Frame(type: 72, payload: [UInt8](repeating: 7, count: 70_000))]
    #expect(try frames(of: sent.flatMap(\.encoded), chunk: size) == sent)
  }

  @Test("the longest payload passes, one byte more is refused before it has come")
  func longest() throws {
    let frame = Frame(type: 69, payload: [UInt8](repeating: 1, count: Frame.maximumPayload))
    #expect(try frames(of: frame.encoded, chunk: 65_536) == [frame])
    var decoder = FrameDecoder()
    decoder.push([Frame.magic, 69, 1, 0, 16, 0])
    #expect(throws: FrameError.payloadTooLong(Frame.maximumPayload + 1)) { try decoder.next() }
    var huge = FrameDecoder()
    huge.push([Frame.magic, 69, 255, 255, 255, 255])
    #expect(throws: FrameError.payloadTooLong(Int(UInt32.max))) { try huge.next() }
  }

  @Test("a byte that begins no frame is said, also after a good frame")
  func badMagic() throws {
    var decoder = FrameDecoder()
    decoder.push(HostMessage.powerOff.frame.encoded + [0x0A])
    #expect(try decoder.next() == HostMessage.powerOff.frame)
    #expect(throws: FrameError.badMagic(0x0A)) { try decoder.next() }
  }

  @Test("a message that ends early, whatever the place, is refused", arguments: MessageSamples.guest)
  func truncated(_ message: GuestMessage) {
    let frame = message.frame
    for count in 0..<min(frame.payload.count, 300) {
      #expect(throws: FrameError.self) {
        try GuestMessage(frame: Frame(type: frame.type, payload: Array(frame.payload.prefix(count))))
      }
    }
  }

  @Test("a byte after the last field is refused")
  func trailing() {
    for frame in MessageSamples.host.map(\.frame) {
      #expect(throws: FrameError.self) { try HostMessage(frame: Frame(type: frame.type, payload: frame.payload + [0])) }
    }
    let frame = GuestMessage.caseStarted(id: 1).frame
    #expect(throws: FrameError.trailingBytes(type: 68)) {
      try GuestMessage(frame: Frame(type: 68, payload: frame.payload + [0]))
    }
  }

  @Test("types that nobody sends are refused", arguments: [UInt8(0), 20, 64, 90, 255])
  func unknownType(_ type: UInt8) {
    #expect(throws: FrameError.unknownType(type)) { try GuestMessage(frame: Frame(type: type, payload: [])) }
    #expect(throws: FrameError.unknownType(type)) { try HostMessage(frame: Frame(type: type, payload: [])) }
  }

  @Test("lengths and counts that lie are refused")
  func lies() {
    let four: [UInt8] = [255, 255, 255, 255]
    for type in [UInt8(67), 72] {
      #expect(throws: FrameError.shortPayload) { try GuestMessage(frame: Frame(type: type, payload: four)) }
      #expect(throws: FrameError.shortPayload) { try GuestMessage(frame: Frame(type: type, payload: four + [1, 2])) }
    }
    // As many elements as bytes are left: each would need four.
    let zeroes = [UInt8](repeating: 0, count: 1 << 20 - 4)
    let count = (0..<4).map { UInt8(truncatingIfNeeded: zeroes.count >> (8 * $0)) }
    #expect(throws: FrameError.shortPayload) { try HostMessage(frame: Frame(type: 1, payload: count + zeroes)) }
  }

  @Test("ten thousand spoilt streams neither crash nor invent a frame too long")
  func mutations() {
    var random = RepeatableRandom(seed: 20_261_121)
    let good = (MessageSamples.guest.map(\.frame) + MessageSamples.host.map(\.frame)).flatMap(\.encoded)
    var refused = 0
    for _ in 0..<10_000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: bytes[place] = .random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        default: bytes.insert(.random(in: 0...255, using: &random), at: place)
        }
      }
      var decoder = FrameDecoder()
      decoder.push(bytes)
      do {
        while let frame = try decoder.next() {
          #expect(frame.payload.count <= Frame.maximumPayload)
          if frame.type > 64 { _ = try GuestMessage(frame: frame) } else { _ = try HostMessage(frame: frame) }
        }
      } catch { refused += 1 }
    }
    // Most changes hit a length or a type; some only a text.
    #expect(refused > 1000 && refused < 10_000)
  }

  @Test("a text that is no UTF-8 is repaired, not refused")
  func invalidText() throws {
    let message = try GuestMessage(frame: Frame(type: 72, payload: [3, 0, 0, 0, 0x61, 0xFF, 0x62]))
    #expect(message == .notice("a\u{FFFD}b"))
  }

  @Test("errors name what was there")
  func words() {
    #expect(FrameError.badMagic(10).description.contains("0xa"))
    #expect(FrameError.payloadTooLong(5).description.contains("5 bytes"))
  }
}

@Suite("Markers in the kernel log")
struct MarkerTests {
  @Test(
    "what is written is read again, wherever it stands", arguments: [Marker.ready, .begin(case: 0), .end(case: .max)])
  func roundTrip(_ marker: Marker) throws {
    let line = marker.line(token: "4f2a")
    for text in [line, "[    1.25] init: \(line)"] {
      let found = try #require(MarkerLine(text: text))
      #expect(found.marker == marker && found.token == "4f2a")
    }
  }

  @Test(
    "what looks a little like a marker is none",
    arguments: [
      "", "ktest[4f2a]: began 1", "ktest[4f2a]: begin", "begin 1", "ktest[4f2a]: begin -1", "ktest[4f2a]: ready 1",
      "ktest[4f2a]: begin 4294967296", "ktest[4f2a]: begin 1 and more", "xktest[4f2a]: begin 1",
      "ktest[4f2a]:begin 1", "KTEST[4f2a]: begin 1",
    ])
  func forged(_ text: String) { #expect(MarkerLine(text: text) == nil) }

  @Test("no two cases have a secret in common")
  func secrets() {
    let all = (0..<50).map { _ in CaseSecrets() }
    #expect(Set(all.flatMap { [$0.begin, $0.end] }).count == 100 && Set(all.map(\.key)).count == 50)
    #expect(all.allSatisfy { $0.key != 0 && $0.begin.count >= 12 })
  }
}
