import Glibc
import Testing

@testable import KTestHarness
@testable import KTestValues

/// A terminal without a person: what is written to `screen` can be read from `keyboard`.
private struct PseudoTerminal: ~Copyable {
  let keyboard: Int32
  let screen: Int32

  init?() {
    // The calls of pty(7) that glibc's posix_openpt and its like make.
    let unlock: UInt = 0x4004_5431
    let number: UInt = 0x8004_5430
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
    var locked: Int32 = 0
    var name: Int32 = 0
    guard master >= 0, ioctl(master, unlock, &locked) == 0, ioctl(master, number, &name) == 0 else { return nil }
    let slave = open("/dev/pts/\(name)", O_RDWR | O_NOCTTY)
    var size = winsize(ws_row: 24, ws_col: 40, ws_xpixel: 0, ws_ypixel: 0)
    guard slave >= 0, ioctl(slave, UInt(TIOCSWINSZ), &size) == 0 else { return nil }
    keyboard = master
    screen = slave
  }

  deinit {
    close(keyboard)
    close(screen)
  }

  func shown() -> String {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(keyboard, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
  }
}

@Suite struct LiveTerminalTests {
  @Test func coloursFollowTheTerminalAndNoColor() throws {
    guard let terminal = PseudoTerminal() else {
      try Test.cancel("this machine gives no pseudo terminal")
    }
    func style(_ environment: [String: String]) -> TerminalStyle {
      TerminalStyle.detect(terminal.screen, environment: environment)
    }
    #expect(style(["TERM": "xterm"]) == TerminalStyle(isTerminal: true, color: true, columns: 40))
    #expect(style(["TERM": "xterm", "NO_COLOR": ""]).color)
    #expect(style(["TERM": "xterm", "NO_COLOR": "1"]) == TerminalStyle(isTerminal: true, color: false, columns: 40))
    #expect(style(["TERM": "dumb"]) == TerminalStyle(isTerminal: false, color: false, columns: 40))
  }

  @Test func redrawsByItselfAndCleansUp() async throws {
    guard let terminal = PseudoTerminal() else {
      try Test.cancel("this machine gives no pseudo terminal")
    }
    let live = LiveTerminal(
      namesKernels: false, environment: ["TERM": "xterm", "NO_COLOR": "1"], descriptor: terminal.screen)
    await live.show(.runStarted(cases: 1, boots: 1))
    await live.show(.caseStarted(boot: 1, suite: "demo", kernel: "6.12", name: "map"))
    var text = ""
    while text.split(separator: "\r").count < 5 {
      try await Task.sleep(for: .milliseconds(20))
      text += terminal.shown()
    }
    #expect(text.hasPrefix("\r[0/1] …\u{1b}[K\r[0/1] demo/map  0.0 s\u{1b}[K"))
    let replay = await live.finish()
    #expect(terminal.shown().hasSuffix("\r\u{1b}[K"))
    #expect(replay.planned == 1 && replay.running.count == 1)
    try await Task.sleep(for: .milliseconds(250))
    #expect(terminal.shown().isEmpty)
  }

  @Test func writesLinesToAFile() async throws {
    var ends: [Int32] = [0, 0]
    try #require(pipe(&ends) == 0)
    defer { ends.forEach { close($0) } }
    let live = LiveTerminal(namesKernels: false, environment: [:], descriptor: ends[1])
    for event in JournalSample.lines.prefix(8) { await live.show(event) }
    _ = await live.finish()
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(ends[0], &buffer, buffer.count)
    let text = String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    #expect(text.hasSuffix("skip  demo/upstream  give --set ndctl=PATH\npass  demo/map  0.5 s\n"))
  }
}
