// fuzz-console SECONDS SEED OUTPUT LOG… : mutated logs through the search for splats, in two ways that must agree. Ends
// with 1 at the first that do not, and leaves the log in OUTPUT. A crash or a hang leaves its seed in OUTPUT.seed; with
// SECONDS 0 one input is made, of that seed.
import Foundation
import KTestHarness

func slowly(_ bytes: [UInt8]) -> [Splat] {
  var splitter = LineSplitter()
  var detector = SplatDetector()
  var found: [Splat] = []
  splitter.push(bytes) { found += detector.feed(ConsoleLine($0)) }
  if let last = splitter.finish() { found += detector.feed(ConsoleLine(last)) }
  found += detector.finish()
  return found.sorted { $0.byteRange.lowerBound < $1.byteRange.lowerBound }
}

func quickly(_ bytes: [UInt8], _ dice: inout Dice) -> [Splat] {
  var stream = SplatStream()
  var found: [Splat] = []
  var place = 0
  let longest = 1 << dice.below(18)
  while place < bytes.count {
    let end = min(bytes.count, place + 1 + dice.below(longest))
    found += stream.push(bytes[place..<end])
    place = end
  }
  return found + stream.finish()
}

func problem(with bytes: [UInt8], _ seed: UInt64) -> String? {
  var dice = Dice(state: ~seed)
  let clock = ContinuousClock()
  var found: [Splat] = []
  let time = clock.measure { found = slowly(bytes) }
  guard quickly(bytes, &dice) == found else { return "the two ways differ" }
  if time > .seconds(1) + .milliseconds(bytes.count >> 10) { return "it takes \(time) for \(bytes.count) bytes" }
  for splat in found {
    guard splat.byteRange.lowerBound >= 0, splat.byteRange.upperBound <= bytes.count else {
      return "range \(splat.byteRange)"
    }
    let texts = [splat.title, splat.file ?? ""] + splat.alternatives + splat.lines + splat.frames
    guard texts.allSatisfy({ sanitised($0) == $0 && !$0.contains("\n") }) else { return "controls in \(splat.title)" }
    guard splat.title.utf8.count <= 1000, !splat.title.isEmpty else {
      return "a title of \(splat.title.utf8.count) bytes"
    }
  }
  return nil
}

let words = CommandLine.arguments
guard words.count > 4, let seconds = Double(words[1]), let first = UInt64(words[2]) else {
  print("usage: fuzz-console SECONDS SEED OUTPUT LOG…")
  exit(64)
}
let logs = words[4...].compactMap { FileManager.default.contents(atPath: $0).map { [UInt8]($0) } }.filter {
  !$0.isEmpty
}
let mutator = Mutator(logs: logs)
let deadline = ContinuousClock.now + .seconds(seconds)
let trail = open(words[3] + ".seed", O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
var (seed, bytes) = (first, 0)
repeat {
  let text = Array("\(seed)\n".utf8)
  _ = pwrite(trail, text, text.count, 0)
  let input = mutator.input(seed: seed)
  bytes += input.count
  if let problem = problem(with: input, seed) {
    try Data(input).write(to: URL(filePath: words[3]))
    print("seed \(seed): \(problem); the log is in \(words[3])")
    exit(1)
  }
  seed &+= 1
} while ContinuousClock.now < deadline
unlink(words[3] + ".seed")
print("\(seed - first) inputs of \(logs.count) logs, \(bytes >> 20) MiB, from seed \(first): nothing found")
