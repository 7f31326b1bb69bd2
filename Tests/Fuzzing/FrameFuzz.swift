import GuestProtocol

/// Bytes on the agent's channel, as the host reads those of a guest gone mad; and every message that was made, there and
/// back.
struct FrameFuzz: FuzzTarget {
  static let name = "frames"
  private let mutator: Mutator

  init(_ files: SeedFiles) {
    var seeds: [[UInt8]] = []
    var dice = Dice(seed: 1)
    for _ in 0..<40 {
      seeds.append((0..<(1 + dice.below(6))).flatMap { _ in Self.guest(&dice).frame.encoded })
      seeds.append((0..<(1 + dice.below(6))).flatMap { _ in Self.host(&dice).frame.encoded })
    }
    mutator = Mutator(seeds: seeds, words: ["\u{1}\0\0\0", "\u{ff}\u{ff}"], isText: false)
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) -> String? {
    let whole = Self.decode(input, piece: input.count)
    let pieces = Self.decode(input, piece: 1 + dice.below(1 << dice.below(16)))
    guard whole.frames == pieces.frames, whole.error == pieces.error else {
      return "it is read otherwise in pieces: \(whole.frames.count) and \(pieces.frames.count) frames"
    }
    let size = whole.frames.reduce(0) { $0 + Frame.headerSize + $1.payload.count }
    if size > input.count { return "\(size) bytes of frames in \(input.count) bytes" }
    for frame in whole.frames {
      guard frame.encoded.count == Frame.headerSize + frame.payload.count else { return "a frame of another length" }
      // What could be read may have been written in another way (any byte but 0 is true), but means the same.
      if let message = try? GuestMessage(frame: frame), (try? GuestMessage(frame: message.frame)) != message {
        return "read, written and read, it is another message: \(message)"
      }
      if let message = try? HostMessage(frame: frame), (try? HostMessage(frame: message.frame)) != message {
        return "read, written and read, it is another message: \(message)"
      }
    }
    let (guest, host) = (Self.guest(&dice), Self.host(&dice))
    if (try? GuestMessage(frame: guest.frame)) != guest { return "written and read, it is another message: \(guest)" }
    if (try? HostMessage(frame: host.frame)) != host { return "written and read, it is another message: \(host)" }
    let stream = Self.decode(guest.frame.encoded + host.frame.encoded, piece: 7)
    return stream.frames == [guest.frame, host.frame] && stream.error == nil ? nil : "two frames are not two frames"
  }

  private static func decode(_ bytes: [UInt8], piece: Int) -> (frames: [Frame], error: FrameError?) {
    var decoder = FrameDecoder()
    var frames: [Frame] = []
    var place = 0
    while place < bytes.count {
      let end = min(bytes.count, place + max(1, piece))
      decoder.push(bytes[place..<end])
      place = end
      do {
        while let frame = try decoder.next() { frames.append(frame) }
      } catch {
        return (frames, error)
      }
    }
    return (frames, nil)
  }

  // MARK: - Messages

  private static func text(_ dice: inout Dice) -> String {
    dice.pick(["", "a", "/dev/dax0.0", "é日本\u{0}\u{1b}[2J\n", String(repeating: "x", count: dice.below(3000))])
  }

  private static func texts(_ dice: inout Dice) -> [String] { (0..<dice.below(4)).map { _ in text(&dice) } }

  private static func blob(_ dice: inout Dice) -> [UInt8] {
    (0..<dice.below(2000)).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
  }

  private static func number<Number: FixedWidthInteger>(_ dice: inout Dice) -> Number {
    dice.pick([0, 1, .max, Number(truncatingIfNeeded: dice.next())])
  }

  private static func guest(_ dice: inout Dice) -> GuestMessage {
    switch dice.below(9) {
    case 0:
      .hello(
        Hello(
          version: number(&dice), release: text(&dice), uptimeMilliseconds: number(&dice), cpuFlags: texts(&dice),
          channel: text(&dice)))
    case 1: .moduleLoaded(name: text(&dice), error: text(&dice))
    case 2: .prepared(failures: texts(&dice))
    case 3: .caseStarted(id: number(&dice))
    case 4: .output(id: number(&dice), isError: dice.below(2) == 0, bytes: blob(&dice))
    case 5: .artefact(id: number(&dice), name: text(&dice), bytes: blob(&dice), isLast: dice.below(2) == 0)
    case 6:
      .caseEnded(
        CaseEnd(
          id: number(&dice),
          outcome: dice.pick([
            .exited(status: number(&dice)), .signalled(signal: number(&dice)), .notStarted(text(&dice)),
          ]), timedOut: dice.below(2) == 0, droppedOutput: number(&dice), wallMilliseconds: number(&dice)))
    case 7: .notice(text(&dice))
    default: .sysrqDone(key: number(&dice), failure: text(&dice))
    }
  }

  private static func host(_ dice: inout Dice) -> HostMessage {
    switch dice.below(6) {
    case 0: .loadModules((0..<dice.below(4)).map { _ in ModuleLoad(name: text(&dice), path: text(&dice)) })
    case 1: .prepare((0..<dice.below(4)).map { _ in SettingWrite(path: text(&dice), value: text(&dice)) })
    case 2:
      .runCase(
        CaseRequest(
          id: number(&dice), name: text(&dice), arguments: texts(&dice), environment: texts(&dice),
          timeoutMilliseconds: number(&dice), memoryLimit: number(&dice), artefacts: texts(&dice)))
    case 3: .stopCase(id: number(&dice))
    case 4: .continueCase(id: number(&dice), milliseconds: number(&dice))
    default: dice.pick([.powerOff, .exitAgent, .sysrq(number(&dice))])
    }
  }
}
