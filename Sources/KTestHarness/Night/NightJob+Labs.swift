import KTestHost
import KTestValues

extension NightJob {
  /// Looks at what other labs have published since the last night. One that published nothing is not tested.
  func askLabs() {
    var labs: [NightRecord.Lab] = []
    let day: Int64 = 86_400_000
    let since =
      past.last { $0.state != .interrupted }.map { min($0.started, record.started - day) } ?? record.started - day
    for wanted in order.plan.labs {
      do {
        let (lab, newest) = try LabFolder(name: wanted.name, path: wanted.results).lab(since: since)
        if lab.runs == 0 {
          let last = newest.map { "the newest began at \(WallTime(milliseconds: $0).iso)" } ?? "there are none"
          miss(.host, kernel: "", name: wanted.name, "the lab has no results of the last day: \(last)")
        }
        labs.append(lab)
      } catch { miss(.host, kernel: "", name: wanted.name, Failure(error).description) }
    }
    record.labs = labs.isEmpty ? nil : labs
    for place in record.findings.indices {
      let names = labs.filter { $0.fails(record.findings[place].series) }.map(\.name)
      record.findings[place].labs = names.isEmpty ? nil : names
    }
  }
}
