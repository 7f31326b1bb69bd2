/// Text in which `${name}` stands for the value of an axis or a parameter. `$${` is the text `${`; any other `$` stays as it is, so that
/// programs in the guest can use `$HOME` or `$$`.
enum AxisText {
  enum Part: Equatable {
    case text(String)
    case axis(String)
  }

  package static func parts(_ text: String) throws(ValueProblem) -> [Part] {
    var parts: [Part] = []
    var plain = ""
    var rest = text[...]
    while let dollar = rest.firstIndex(of: "$") {
      plain += rest[..<dollar]
      rest = rest[dollar...]
      if rest.hasPrefix("$${") {
        plain += "${"
        rest = rest.dropFirst(3)
      } else if rest.hasPrefix("${") {
        guard let end = rest.firstIndex(of: "}") else {
          throw ValueProblem("'${' is not terminated in \(Phrase.quoted(text))", note: "write $${ for the text '${'")
        }
        parts += plain.isEmpty ? [] : [.text(plain)]
        plain = ""
        parts.append(.axis(String(rest[..<end].dropFirst(2))))
        rest = rest[rest.index(after: end)...]
      } else {
        plain += "$"
        rest = rest.dropFirst()
      }
    }
    plain += rest
    return parts + (plain.isEmpty ? [] : [.text(plain)])
  }

  /// Returns the text with the values inserted. An axis without a value stays as written; a reader has already refused
  /// it.
  static func expand(_ text: String, _ value: (String) -> String?) -> String {
    guard text.contains("${"), let parts = try? parts(text) else { return text }
    return parts.map { part in
      switch part {
      case .text(let text): text
      case .axis(let name): value(name) ?? "${\(name)}"
      }
    }.joined()
  }

  /// The names for which values stand in a text.
  static func names(_ text: String) -> [String] {
    guard text.contains("${"), let parts = try? parts(text) else { return [] }
    return parts.compactMap { if case .axis(let name) = $0 { name } else { nil } }
  }

  /// Returns the text with one axis's value inserted; the result is still a template.
  static func expandKeepingEscapes(_ text: String, _ axis: String, _ value: String) -> String {
    guard let parts = try? parts(text) else { return text }
    return parts.map { part in
      switch part {
      case .text(let text): text.replacing("${", with: "$${")
      case .axis(let name): name == axis ? value.replacing("${", with: "$${") : "${\(name)}"
      }
    }.joined()
  }

  /// Returns the text as a suite stores it: a template if there are axes, otherwise with its escapes resolved.
  static func check(_ text: String, axes: [MatrixAxis]) throws(ValueProblem) -> String {
    guard text.contains("${") else { return text }
    let names = axes.map(\.name)
    // A parameter has no values yet.
    let hasParameters = axes.contains { $0.values.isEmpty }
    for case .axis(let name) in try parts(text) where !names.contains(name) {
      let known =
        names.isEmpty
        ? "the suite has no matrix"
        : "\(hasParameters ? "there are" : "the matrix has") \(names.joined(separator: ", "))"
      throw ValueProblem(
        "no axis\(hasParameters ? " or parameter" : "") \(Phrase.quoted(name))"
          + Suggestion.ending(for: name, in: names),
        note: "\(known); write $${\(name)} for the text '${\(name)}'")
    }
    return axes.isEmpty ? expand(text) { _ in nil } : text
  }
}

extension Diagnostics {
  /// Returns a text that may contain `${axis}`.
  func template(_ node: YAMLNode, _ axes: [MatrixAxis]) -> String? {
    guard let text = string(node, "text (quote it to use the word itself)", raw: true) else { return nil }
    do throws(ValueProblem) {
      return try AxisText.check(text, axes: axes)
    } catch {
      self.error(at: node.mark, error.message, note: error.note)
      return nil
    }
  }
}
