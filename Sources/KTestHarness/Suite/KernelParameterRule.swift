/// What a suite may put on the kernel command line itself.
enum KernelParameterRule {
  /// The text itself, when it is one parameter and no business of another key.
  static func check(_ text: String) throws(ValueProblem) -> String {
    guard !text.isEmpty else { throw ValueProblem("a kernel parameter is empty") }
    var isQuoted = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard byte >= 0x20, byte < 0x7F else {
        throw ValueProblem("the kernel parameter \(Phrase.quoted(text)) holds more than printable ASCII")
      }
      guard byte != 0x20 || isQuoted else {
        throw ValueProblem(
          "\(Phrase.quoted(text)) is more than one kernel parameter",
          note: "one an entry; a space inside of a value stands in double quotes: 'name=\"a b\"'")
      }
    }
    guard !isQuoted else { throw ValueProblem("a double quote in \(Phrase.quoted(text)) is not closed") }
    let name = String(text.prefix { $0 != "=" })
    if let key = owners[name] {
      throw ValueProblem(
        "\(Phrase.quoted(name + "=")) cannot be written by hand: ktest checks it against the guest's memory",
        note: "write \(key)")
    }
    return text
  }

  private static let owners = [
    "memmap": "guest: {pmem: [{size: …, at: …}]} for size!start, guest: {reserve: [{size: …, at: …}]} for size$start",
    "mem": "guest: {memory: …}",
    "hugepages": "guest: {hugepages: [{size: …, count: …}]}",
    "hugepagesz": "guest: {hugepages: [{size: …, count: …}]}",
  ]
}
