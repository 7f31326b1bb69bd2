internal import Foundation
import KTestHost
package import KTestValues

/// The records of nights below a state directory: `nights/PLAN/ID/night.json`.
package struct NightFiles: Sendable {
  /// The oldest first.
  package var records: [NightRecord] = []
  /// Those that cannot be read, with the reason.
  package var unreadable: [String: String] = [:]

  package init(state: String) {
    for plan in NightArchive.plans(in: state) {
      let archive = NightArchive(of: plan, in: state)
      for id in archive.ids {
        do {
          if let record = try archive.record(of: id) { records.append(record) }
        } catch {
          unreadable[archive.directory(of: id)] = "\(error)"
        }
      }
    }
    sort()
  }

  /// Adds a record, in place of what is there of the same night.
  package mutating func add(_ record: NightRecord) {
    records.removeAll { $0.pageName == record.pageName }
    records.append(record)
    sort()
  }

  private mutating func sort() {
    records.sort { ($0.started, $0.id, $0.plan) < ($1.started, $1.id, $1.plan) }
  }

  /// The night before of the same plan.
  package func former(of record: NightRecord) -> NightRecord? {
    records.last { $0.plan == record.plan && ($0.started, $0.id) < (record.started, record.id) }
  }
}

extension NightRecord {
  /// What tells it from the nights of all plans.
  var pageName: String { "\(plan) \(id)" }
}

extension NightRecord {
  /// Returns what people call the build with that identity; what is no identity stays as it is.
  func buildName(_ name: String) -> String {
    let builds = findings.flatMap { [$0.lastGood, $0.firstBad] } + floods.flatMap { [$0.lastGood, $0.firstBad] }
    if let build = builds.compactMap({ $0 }).first(where: { $0.identity == name && !name.isEmpty }) {
      return build.label
    }
    if let kernel = kernels.first(where: { $0.identity == name && !name.isEmpty }) { return kernel.label }
    return name.utf8.count >= 40 && name.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
      ? String(name.prefix(12)) : name
  }
}

/// Returns the record as JSON with stable keys.
func recordJSON(_ record: NightRecord) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  let bytes = (try? encoder.encode(record)) ?? Data("null".utf8)
  return String(decoding: withoutSecrets(Array(bytes)), as: UTF8.self) + "\n"
}

extension RunFacts {
  init?(json bytes: [UInt8]) {
    guard let facts = try? JSONDecoder().decode(RunFacts.self, from: Data(bytes)),
      facts.format == RunFacts.currentFormat
    else { return nil }
    self = facts
  }

  var json: [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array((try? encoder.encode(self)) ?? Data()) + [UInt8(ascii: "\n")]
  }
}
