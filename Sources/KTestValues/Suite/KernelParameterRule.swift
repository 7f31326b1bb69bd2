/// The kernel parameters that a suite may set itself.
package enum KernelParameterRule {
  /// Returns the text if it is one parameter, has no key of its own, and does not make the kernel's log unreadable.
  @discardableResult
  package static func check(_ text: String) throws(ValueProblem) -> String {
    guard !text.isEmpty else { throw ValueProblem("a kernel parameter is empty") }
    var isQuoted = false
    for byte in text.utf8 {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      guard byte >= 0x20, byte < 0x7F else {
        throw ValueProblem("the kernel parameter \(Phrase.quoted(text)) contains characters other than printable ASCII")
      }
      guard byte != 0x20 || isQuoted else {
        throw ValueProblem(
          "\(Phrase.quoted(text)) is more than one kernel parameter",
          note: "write one per entry; put a value with a space in double quotes: 'name=\"a b\"'")
      }
    }
    guard !isQuoted else { throw ValueProblem("a double quote in \(Phrase.quoted(text)) is not terminated") }
    let (name, value) = parts(text)
    if let key = owners[name] {
      throw ValueProblem(
        "\(Phrase.quoted(name + "=")) cannot be set directly, because ktest checks it against the guest's memory",
        note: "write \(key)")
    }
    if let why = KernelLogRule.objection(toParameter: name, value) {
      throw ValueProblem("the kernel parameter \(Phrase.quoted(text)) is refused: \(why)", note: "remove it")
    }
    return text
  }

  /// Returns name and value as the kernel reads them: without quotes, and with `-` as `_` (`parameq()` in
  /// `kernel/params.c`).
  private static func parts(_ text: String) -> (name: String, value: String?) {
    let bare = text.filter { $0 != "\"" }
    let name = bare.prefix { $0 != "=" }
    let value = bare.dropFirst(name.count).first.map { _ in String(bare.dropFirst(name.count + 1)) }
    return (name == "--" ? "--" : String(name.map { $0 == "-" ? "_" : $0 }), value)
  }

  private static let owners = [
    "memmap": "guest: {pmem: [{size: …, at: …}]} for size!start, guest: {reserve: [{size: …, at: …}]} for size$start",
    "mem": "guest: {memory: …}",
    "hugepages": "guest: {hugepages: [{size: …, count: …}]}",
    "hugepagesz": "guest: {hugepages: [{size: …, count: …}]}",
  ]
}
