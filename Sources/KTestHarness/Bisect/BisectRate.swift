import Foundation
import KTestHost
import KTestValues

/// How often a failure showed in runs of a kernel that has it, kept with what else the steps of one `git bisect` share.
struct BisectRate: Codable, Equatable {
  var seen = 0
  var clean = 0
  /// The runs with neither result.
  var other = 0
  /// The failures of the good end; nil until that end was run.
  var baseline: BisectBaseline?
  /// The target that the bad end showed, if the command line names none.
  var aim: BisectAim?
  /// Runs of a commit whose step was interrupted before it was sure.
  var unfinished: [String: [ProbeOutcome]]?

  /// Whether the rate is known well enough: three sightings are sufficient, and sixty runs miss a bug that shows in 5 %
  /// of runs once in twenty times.
  var isEnough: Bool { seen >= 3 || seen + clean >= 60 || other >= 10 }

  mutating func add(_ outcome: ProbeOutcome) {
    switch outcome {
    case .targetSeen: seen += 1
    case .clean: clean += 1
    case .otherFailure, .unusable: other += 1
    case .infrastructure: break
    }
  }

  /// The file that keeps it, for the `git bisect` that these words tell from others.
  static func file(_ words: [String], in state: String) -> String {
    "\(state)/bisects/rates/\(SHA256.hex(of: words.joined(separator: "\n")).prefix(24)).json"
  }

  static func read(_ file: String) -> BisectRate {
    let read = (try? RegularFile.bytes(of: file, limit: 1 << 20)).flatMap {
      try? JSONDecoder().decode(BisectRate.self, from: Data($0))
    }
    // A damaged file counts as none.
    guard let read, [read.seen, read.clean, read.other].allSatisfy({ (0...1_000_000).contains($0) }) else {
      return BisectRate()
    }
    return read
  }

  func write(_ file: String) throws {
    let url = URL(filePath: file)
    do {
      try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try JSONEncoder().encode(self).write(to: url, options: .atomic)
    } catch { throw Failure(.host, "cannot write \(file): \(error.localizedDescription)") }
  }
}
