/// Prints a shape as JSON Schema (draft 2020-12). The same shape always gives the same bytes.
package enum SchemaPrinter {
  /// Returns the schema with a newline at the end. `title` names the kind of file.
  package static func print(_ root: SchemaShape, title: String) -> String {
    var definitions = Definitions()
    let body = definitions.object(root)
    var members: JSONValue.Members = [
      ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
      ("title", .string(title)),
    ]
    members += body
    members.append(("$defs", .object(definitions.sorted)))
    return JSONValue.object(members).page
  }

  /// The shapes seen so far; each is printed once, however often it is used.
  private struct Definitions {
    private var known: [String: JSONValue] = [:]

    var sorted: JSONValue.Members { known.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }

    mutating func object(_ shape: SchemaShape) -> JSONValue.Members {
      var properties: JSONValue.Members = []
      for field in shape.fields {
        var members: JSONValue.Members = [("description", .string(field.doc))]
        members += schema(field.type)
        properties.append((field.key, .object(members)))
      }
      var others = JSONValue.bool(false)
      if let type = shape.others { others = .object(schema(type)) }
      var members: JSONValue.Members = [
        ("type", .string("object")), ("additionalProperties", others), ("properties", .object(properties)),
      ]
      if !shape.required.isEmpty { members.append(("required", .strings(shape.required))) }
      return members
    }

    private mutating func schema(_ type: SchemaType) -> JSONValue.Members {
      switch type {
      case .text(let pattern):
        return [("type", .string("string"))] + (pattern.map { [("pattern", .string($0))] } ?? [])
      case .written:
        return [("type", .strings(["string", "number", "boolean"]))]
      case .integer(let range):
        var members: JSONValue.Members = [("type", .string("integer")), ("minimum", .int(range.lowerBound))]
        if range.upperBound != .max { members.append(("maximum", .int(range.upperBound))) }
        return members
      case .boolean:
        return [("type", .string("boolean"))]
      case .size:
        return [
          ("type", .strings(["string", "integer"])), ("minimum", .int(0)),
          ("pattern", .string("^([0-9]+([KMGT]iB)?|0[xX][0-9a-fA-F]+)$")),
        ]
      case .duration:
        return [("type", .string("string")), ("pattern", .string("^[0-9]+(ms|s|m|h)$"))]
      case .choice(let names):
        return [("enum", .strings(names))]
      case .list(let element, let nonEmpty):
        let members: JSONValue.Members = [("type", .string("array")), ("items", .object(schema(element)))]
        return members + (nonEmpty ? [("minItems", .int(1))] : [])
      case .table(let keyPattern, let value):
        return [
          ("type", .string("object")), ("propertyNames", .object([("pattern", .string(keyPattern))])),
          ("additionalProperties", .object(schema(value))),
        ]
      case .map(let shape):
        if known[shape.name] == nil { known[shape.name] = .object(object(shape)) }
        return [("$ref", .string("#/$defs/\(shape.name)"))]
      case .anyOf(let types):
        var members: [JSONValue] = []
        for type in types { members.append(.object(schema(type))) }
        return [("anyOf", .array(members))]
      }
    }
  }
}
