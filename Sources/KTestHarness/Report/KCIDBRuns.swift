import KTestValues

/// Several runs as one report to KCIDB. What they have in common, such as a kernel or an issue, is in it once.
struct KCIDBRuns {
  private var lists = ["checkouts", "builds", "tests", "issues", "incidents"].map { (name: $0, objects: [JSONValue]()) }
  private var seen: Set<String> = []

  mutating func add(_ run: RunSummary, manifest: RunManifest?, origin: KCIDBOrigin) {
    guard case .object(let members) = kcidbJSON(run, manifest: manifest, origin: origin) else { return }
    for place in lists.indices {
      guard case .array(let objects)? = members.first(where: { $0.key == lists[place].name })?.value else { continue }
      for object in objects {
        guard case .object(let fields) = object, case .string(let id)? = fields.first(where: { $0.key == "id" })?.value,
          seen.insert("\(lists[place].name) \(id)").inserted
        else { continue }
        lists[place].objects.append(object)
      }
    }
  }

  var text: String {
    let version = JSONValue.object([("major", .int(5)), ("minor", .int(3))])
    return JSONValue.object([("version", version)] + lists.map { ($0.name, .array($0.objects)) }).page
  }
}
