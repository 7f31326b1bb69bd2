/// Readers for single values. Each returns nil after it has reported an error. A node that was refused before gives nil
/// without another error.
extension Diagnostics {
  /// Reports `expected …, found …` at the node.
  package func expected(_ what: String, _ node: YAMLNode) {
    if case .refused = node.content { return }
    error(at: node.mark, "expected \(what), found \(node.found)")
  }

  /// Returns the text as written: `5` and `true` are text here. It refuses null (`~`), and NUL characters, which no
  /// kernel interface accepts. Other control characters are refused unless `raw`, which is for text that only the guest
  /// sees.
  package func string(_ node: YAMLNode, _ what: String = "a string", raw: Bool = false) -> String? {
    guard case .scalar(let scalar) = node.content, !scalar.isNull else {
      expected(what, node)
      return nil
    }
    for character in scalar.text.unicodeScalars where character.properties.generalCategory == .control {
      if character.value != 0, raw || character == "\n" || character == "\t" { continue }
      error(at: node.mark, "the text contains the control character U+\(String(character.value, radix: 16))")
      return nil
    }
    return scalar.text
  }

  /// Returns a decimal whole number.
  package func integer(_ node: YAMLNode, in range: ClosedRange<Int>) -> Int? {
    guard case .scalar(let scalar) = node.content, scalar.isPlain, !scalar.isNull else {
      expected("a whole number", node)
      return nil
    }
    let digits = scalar.text.drop { $0 == "-" }
    guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }), scalar.text.count - digits.count <= 1
    else {
      expected("a whole number", node)
      return nil
    }
    // YAML 1.1 reads 010 as eight, YAML 1.2 as ten.
    guard digits.count == 1 || digits.first != "0" else {
      error(at: node.mark, "the number \(Phrase.quoted(scalar.text)) begins with a zero", note: "remove the zero")
      return nil
    }
    guard let value = Int(scalar.text), range.contains(value) else {
      let bounds =
        range.upperBound == .max ? "at least \(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
      expected("a whole number (\(bounds))", node)
      return nil
    }
    return value
  }

  /// Returns `true` or `false`; it refuses YAML 1.1's `yes` and `on` with an explanation.
  package func boolean(_ node: YAMLNode, or other: String = "") -> Bool? {
    guard case .scalar(let scalar) = node.content, scalar.isPlain, !scalar.isNull else {
      expected("true or false\(other)", node)
      return nil
    }
    switch scalar.text.lowercased() {
    case "true": return true
    case "false": return false
    default:
      expected("true or false\(other)", node)
      return nil
    }
  }

  package func size(_ node: YAMLNode) -> ByteSize? {
    value(node, "a size") { text throws(ValueProblem) in try ByteSize(parsing: text) }
  }

  package func duration(_ node: YAMLNode) -> DurationValue? {
    value(node, "a duration") { text throws(ValueProblem) in try DurationValue(parsing: text) }
  }

  /// Returns one of an enumeration's raw values.
  package func choice<Choice>(_ node: YAMLNode, _ type: Choice.Type) -> Choice?
  where Choice: RawRepresentable<String> & CaseIterable {
    let names = type.allCases.map(\.rawValue)
    guard let text = string(node, Phrase.anyOf(names)) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    error(
      at: node.mark,
      "expected \(Phrase.anyOf(names)), found \(Phrase.quoted(text))\(Suggestion.ending(for: text, in: names))")
    return nil
  }

  /// Returns a value that has its own parser.
  package func value<Value>(
    _ node: YAMLNode, _ what: String, _ parse: (String) throws(ValueProblem) -> Value
  ) -> Value? {
    guard let text = string(node, what) else { return nil }
    do throws(ValueProblem) {
      return try parse(text)
    } catch {
      self.error(at: node.mark, error.message, note: error.note)
      return nil
    }
  }

  /// Returns a list whose elements `element` reads. Elements that could not be read are left out; `element` reports
  /// them.
  package func list<Element>(_ node: YAMLNode, of what: String, _ element: (YAMLNode) -> Element?) -> [Element]? {
    guard case .sequence(let items) = node.content else {
      expected("a list of \(what)", node)
      return nil
    }
    return items.compactMap(element)
  }

  /// Returns the entries of a mapping with arbitrary keys, for example an environment.
  package func entries(_ node: YAMLNode, _ what: String) -> [YAMLEntry]? {
    guard case .mapping(let entries) = node.content else {
      expected(what, node)
      return nil
    }
    return entries
  }
}
