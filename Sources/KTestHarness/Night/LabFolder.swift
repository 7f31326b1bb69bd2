import Foundation
import KTestHost
import KTestValues

/// A directory in which another lab publishes its results as NIPA's tools read them: `results.json` lists runs, and each has a
/// file beside it. What brings it here, such as rsync or git, is the lab's and the user's.
struct LabFolder: Sendable {
  private struct Entry: Decodable {
    var branch: String?
    var url: String
  }

  private struct Run: Decodable {
    struct Result: Decodable {
      var test: String
      var group: String?
      var result: String
      var link: String?
    }

    var branch: String?
    var start: String?
    var end: String?
    var results: [Result]?
  }

  /// The bytes of one file, and the runs that are read.
  private static let (fileLimit, runLimit) = (64 << 20, 1000)
  private static let listed = 200

  let name: String
  let path: String

  /// Reads the runs that began after a time.
  ///
  /// - Parameter start: in milliseconds since 1970.
  /// - Returns: what they have shown, and when the newest of all runs began; nil if there is none that says so.
  /// - Throws: ``Failure`` that says which file is wrong.
  func lab(since start: Int64) throws -> (lab: NightRecord.Lab, newest: Int64?) {
    let entries: [Entry] = try read("results.json")
    var lab = NightRecord.Lab(name: name)
    var newest: Int64?
    var seen: Set<[String]> = []
    // The newest are first in NIPA's own lists and last in ours; each run names its time.
    var runs: [(time: Int64, run: Run)] = []
    for entry in entries.prefix(LabFolder.runLimit) + entries.dropFirst(LabFolder.runLimit).suffix(LabFolder.runLimit) {
      guard let file = entry.url.split(separator: "/").last.map(String.init), file != ".." else { continue }
      var run: Run = try read(file)
      guard let time = (run.start ?? run.end).flatMap(LabFolder.time) else { continue }
      newest = max(newest ?? time, time)
      run.branch = run.branch ?? entry.branch
      if time >= start { runs.append((time, run)) }
    }
    for (_, run) in runs.sorted(by: { $0.time > $1.time }) {
      lab.runs += 1
      for result in run.results ?? [] {
        switch result.result {
        case "pass": lab.passed += 1
        case "skip": lab.skipped += 1
        default:
          let group = result.group ?? ""
          guard seen.insert([group, result.test]).inserted else { continue }
          guard lab.failures.count < LabFolder.listed else {
            lab.hasMore = true
            continue
          }
          lab.failures.append(
            NightRecord.Lab.Failure(
              group: group, test: result.test, branch: run.branch ?? "", link: LabFolder.link(result.link)))
        }
      }
    }
    lab.failures.sort { ($0.group, $0.test) < ($1.group, $1.test) }
    return (lab, newest)
  }

  private func read<Value: Decodable>(_ file: String) throws -> Value {
    do {
      let bytes = try RegularFile.bytes(of: "\(path)/\(file)", limit: LabFolder.fileLimit)
      return try JSONDecoder().decode(Value.self, from: Data(bytes))
    } catch let problem as FileProblem {
      throw Failure(.host, "cannot read \(problem)")
    } catch { throw Failure(.data, "\(path)/\(file) is no file of NIPA's results: \(error)") }
  }

  /// Of links, only those that a browser may follow to another site.
  private static func link(_ link: String?) -> String {
    guard let link, link.hasPrefix("https://") || link.hasPrefix("http://") else { return "" }
    return link
  }

  /// `2026-11-29 02:15:00+00:00` or `2026-11-29T02:15:00Z`; in milliseconds since 1970.
  private static func time(_ text: String) -> Int64? {
    WallTime(iso: text.prefix(19).replacing(" ", with: "T") + ".000Z")?.milliseconds
  }
}
