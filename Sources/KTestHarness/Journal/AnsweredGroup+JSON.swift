import KTestValues

/// The JSON forms of docs/journal.md. The synthesized `Decodable` of each type reads them.
extension AnsweredGroup {
  var json: JSONValue {
    .object(
      (host.map { [("host", $0.json)] } ?? []) + [
        ("round", .int(round)), ("group", .int(group)), ("firstBoot", .int(firstBoot)), ("cases", .strings(cases)),
        (
          "losses",
          .array(losses.map { .object([("host", .string($0.host)), ("reason", .string($0.reason))]) })
        ),
      ])
  }
}

extension WorkerFacts {
  var json: JSONValue {
    let programs = [("qemu", qemu), ("libvirt", libvirt)].compactMap { key, version in
      version.map { (key, JSONValue.string($0)) }
    }
    return .object(
      [("name", .string(name)), ("ktest", .string(ktest)), ("time", .int(time))] + programs + [
        ("accelerator", .string(accelerator)), ("processors", .int(processors)),
        ("memory", .int(Int(clamping: memory))), ("kernel", .string(kernel)),
      ])
  }
}
