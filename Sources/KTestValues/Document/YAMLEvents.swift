import CYaml

/// libyaml's parser as a source of events. It owns the C parser; the bytes are borrowed and must outlive it.
struct YAMLEvents: ~Copyable {
  enum Event {
    case documentStart
    case documentEnd
    case streamEnd
    case scalar(YAMLScalar, decoration: Decoration)
    case sequenceStart(Decoration)
    case sequenceEnd
    case mappingStart(Decoration)
    case mappingEnd
    case alias(String)
  }

  /// The anchor and the tag of a node.
  struct Decoration {
    var anchor: String?
    var tag: String?
  }

  /// libyaml's message about a text that is not YAML.
  struct SyntaxError: Error {
    var problem: String
    var mark: Mark?
    var context: String?
    var contextMark: Mark?
  }

  /// The C parser is on the heap because it keeps a pointer to itself and must not move.
  private let parser: UnsafeMutablePointer<yaml_parser_t>

  /// Returns nil if there is no memory for the parser.
  init?(_ bytes: UnsafeBufferPointer<UInt8>) {
    parser = .allocate(capacity: 1)
    guard yaml_parser_initialize(parser) == 1 else {
      parser.deallocate()
      return nil
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING)
    yaml_parser_set_input_string(parser, bytes.baseAddress, bytes.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
  }

  /// Returns the next event and its position. After `streamEnd` it returns `streamEnd` again.
  func next() throws(SyntaxError) -> (event: Event, mark: Mark) {
    while true {
      var event = yaml_event_t()
      guard yaml_parser_parse(parser, &event) == 1 else { throw syntaxError() }
      defer { yaml_event_delete(&event) }
      if let translated = Self.translate(event) { return (translated, Mark(event.start_mark)) }
    }
  }

  private static func translate(_ event: yaml_event_t) -> Event? {
    switch event.type {
    case YAML_STREAM_START_EVENT: return nil
    case YAML_DOCUMENT_START_EVENT: return .documentStart
    case YAML_DOCUMENT_END_EVENT: return .documentEnd
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let text = String(decoding: UnsafeBufferPointer(start: scalar.value, count: scalar.length), as: UTF8.self)
      return .scalar(
        YAMLScalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE),
        decoration: Decoration(anchor: string(scalar.anchor), tag: string(scalar.tag)))
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return .sequenceStart(Decoration(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_SEQUENCE_END_EVENT: return .sequenceEnd
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return .mappingStart(Decoration(anchor: string(start.anchor), tag: string(start.tag)))
    case YAML_MAPPING_END_EVENT: return .mappingEnd
    case YAML_ALIAS_EVENT: return .alias(string(event.data.alias.anchor) ?? "")
    // YAML_NO_EVENT comes only after the end of the stream.
    default: return .streamEnd
    }
  }

  private static func string(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? {
    pointer.map { String(cString: $0) }
  }

  private func syntaxError() -> SyntaxError {
    let state = parser.pointee
    // Only the scanner and the parser know their position; the reader and the allocator do not.
    let hasMark = state.error == YAML_SCANNER_ERROR || state.error == YAML_PARSER_ERROR
    return SyntaxError(
      problem: state.problem.map { String(cString: $0) } ?? "out of memory",
      mark: hasMark ? Mark(state.problem_mark) : nil,
      context: state.context.map { String(cString: $0) },
      contextMark: hasMark && state.context != nil ? Mark(state.context_mark) : nil)
  }
}

extension Mark {
  init(_ mark: yaml_mark_t) {
    self.init(line: mark.line + 1, column: mark.column + 1)
  }
}
