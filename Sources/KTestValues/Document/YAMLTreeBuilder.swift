/// Builds nodes from events and enforces the restrictions of `YAMLReader`.
struct YAMLTreeBuilder {
  enum Stop: Error {
    case syntax(YAMLEvents.SyntaxError)
    /// The error is already in the diagnostics, and reading on would not find more of value.
    case reported
  }

  let limits: YAMLLimits
  let diagnostics: Diagnostics
  private var nodes = 0

  init(limits: YAMLLimits, diagnostics: Diagnostics) {
    self.limits = limits
    self.diagnostics = diagnostics
  }

  mutating func document(_ events: borrowing YAMLEvents) throws(Stop) -> YAMLNode {
    guard case .documentStart = try next(events).event else {
      diagnostics.error(at: Mark(line: 1, column: 1), "the file is empty")
      throw .reported
    }
    let (event, mark) = try next(events)
    let root = try node(event, mark, events, depth: 0)
    while true {
      let (event, mark) = try next(events)
      switch event {
      case .streamEnd: return root
      case .documentStart:
        diagnostics.error(
          at: mark, "a second document starts here; a file has only one", note: "put it into a separate file")
        throw .reported
      default: continue
      }
    }
  }

  private mutating func node(
    _ event: YAMLEvents.Event, _ mark: Mark, _ events: borrowing YAMLEvents, depth: Int
  ) throws(Stop) -> YAMLNode {
    nodes += 1
    guard nodes <= limits.nodes else {
      diagnostics.error(at: mark, "more than \(limits.nodes) keys and values in one file")
      throw .reported
    }
    switch event {
    case .scalar(let scalar, let decoration):
      let isAccepted = accepts(decoration, mark)
      return YAMLNode(isAccepted ? .scalar(scalar) : .refused, at: mark)
    case .sequenceStart(let decoration):
      let isAccepted = accepts(decoration, mark)
      let items = try sequence(mark, events, depth: depth)
      return YAMLNode(isAccepted ? .sequence(items) : .refused, at: mark)
    case .mappingStart(let decoration):
      let isAccepted = accepts(decoration, mark)
      let entries = try mapping(mark, events, depth: depth)
      return YAMLNode(isAccepted ? .mapping(entries) : .refused, at: mark)
    case .alias(let name):
      diagnostics.error(
        at: mark, "the alias \(Phrase.quoted("*" + name)) is not supported",
        note: "write the value out, or quote it if it is a text that starts with '*'")
      return YAMLNode(.refused, at: mark)
    case .documentStart, .documentEnd, .streamEnd, .sequenceEnd, .mappingEnd:
      // libyaml's grammar always has a node here; if libyaml breaks this rule, ktest must not crash.
      diagnostics.error(at: mark, "expected a value")
      throw .reported
    }
  }

  private mutating func sequence(
    _ start: Mark, _ events: borrowing YAMLEvents, depth: Int
  ) throws(Stop) -> [YAMLNode] {
    try checkDepth(depth, start)
    var items: [YAMLNode] = []
    while true {
      let (event, mark) = try next(events)
      if case .sequenceEnd = event { return items }
      items.append(try node(event, mark, events, depth: depth + 1))
    }
  }

  private mutating func mapping(
    _ start: Mark, _ events: borrowing YAMLEvents, depth: Int
  ) throws(Stop) -> [YAMLEntry] {
    try checkDepth(depth, start)
    var entries: [YAMLEntry] = []
    var seen: [String: Mark] = [:]
    while true {
      let (event, mark) = try next(events)
      if case .mappingEnd = event { return entries }
      let key = try node(event, mark, events, depth: depth + 1)
      let (valueEvent, valueMark) = try next(events)
      let value = try node(valueEvent, valueMark, events, depth: depth + 1)
      switch key.content {
      case .scalar(let scalar):
        if let first = seen[scalar.text] {
          diagnostics.error(
            at: mark, "the key \(Phrase.quoted(scalar.text)) is duplicated",
            note: "the first one is in line \(first.line)")
        } else {
          seen[scalar.text] = mark
          entries.append(YAMLEntry(key: scalar.text, mark: mark, value: value))
        }
      case .sequence, .mapping:
        diagnostics.error(at: mark, "a key must be text, found \(key.found)")
      case .refused: break
      }
    }
  }

  private func checkDepth(_ depth: Int, _ mark: Mark) throws(Stop) {
    guard depth >= limits.depth else { return }
    diagnostics.error(at: mark, "nested more than \(limits.depth) levels deep")
    throw .reported
  }

  private func accepts(_ decoration: YAMLEvents.Decoration, _ mark: Mark) -> Bool {
    if let anchor = decoration.anchor {
      diagnostics.error(
        at: mark, "the anchor \(Phrase.quoted("&" + anchor)) is not supported",
        note: "write the value out where it is needed, or quote it if it is a text that starts with '&'")
    }
    if let tag = decoration.tag {
      diagnostics.error(
        at: mark, "the tag \(Phrase.quoted(tag)) is not supported",
        note: "remove it, or quote the value if it is a text that starts with '!'")
    }
    return decoration.anchor == nil && decoration.tag == nil
  }

  private func next(_ events: borrowing YAMLEvents) throws(Stop) -> (event: YAMLEvents.Event, mark: Mark) {
    do throws(YAMLEvents.SyntaxError) {
      return try events.next()
    } catch {
      throw .syntax(error)
    }
  }
}
