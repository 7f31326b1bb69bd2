internal import Foundation
import KTestHost
package import KTestValues

/// The records of nights below a state directory: `nights/PLAN/ID/night.json`.
package struct NightFiles: Sendable {
  /// The oldest first.
  package var records: [NightRecord] = []
  /// Those that cannot be read, with the reason.
  package var unreadable: [String: String] = [:]

  private static let limit = 256 << 20

  package init(state: String) {
    let folder = "\(state)/nights"
    for plan in HostFiles.names(in: folder) {
      for id in HostFiles.names(in: "\(folder)/\(plan)") where RunID.isValid(id) {
        let path = "\(folder)/\(plan)/\(id)/night.json"
        guard HostFiles.exists(path) else { continue }
        do {
          let bytes = try RegularFile.bytes(of: path, limit: NightFiles.limit)
          struct Version: Decodable { var version: Int }
          let data = Data(bytes)
          let version = try JSONDecoder().decode(Version.self, from: data).version
          guard version <= NightRecord.currentVersion else {
            unreadable[path] = "it was written by a newer ktest"
            continue
          }
          records.append(try JSONDecoder().decode(NightRecord.self, from: data))
        } catch let problem as FileProblem {
          unreadable[path] = problem.reason
        } catch {
          unreadable[path] = "it is not the record of a night"
        }
      }
    }
    records.sort { ($0.started, $0.id, $0.plan) < ($1.started, $1.id, $1.plan) }
  }

  package init(records: [NightRecord]) { self.records = records.sorted { ($0.started, $0.id) < ($1.started, $1.id) } }

  /// The night before of the same plan.
  package func former(of record: NightRecord) -> NightRecord? {
    records.last { $0.plan == record.plan && ($0.started, $0.id) < (record.started, record.id) }
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
