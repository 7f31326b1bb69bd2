/// An axis of a matrix, with its values. Every combination of the axes' values is a cell.
package struct MatrixAxis: Sendable, Equatable, Codable {
  /// The name, `[a-z][a-z0-9_-]*`; `${name}` stands for the value.
  package var name: String
  /// The values in the order of the file; at least one, without duplicates.
  package var values: [String]

  package init(_ name: String, _ values: [String]) {
    self.name = name
    self.values = values
  }
}

/// One combination: a value for each axis.
package struct MatrixCell: Sendable, Equatable, Codable, CustomStringConvertible {
  package struct Setting: Sendable, Equatable, Codable {
    package var axis: String
    package var value: String

    package init(axis: String, value: String) {
      self.axis = axis
      self.value = value
    }
  }

  /// The name of the suite without its cell.
  package var suite: String
  /// The values in the order of the suite's axes.
  package var settings: [Setting]

  package init(suite: String, settings: [Setting]) {
    self.suite = suite
    self.settings = settings
  }

  package subscript(axis: String) -> String? { settings.first { $0.axis == axis }?.value }

  /// The cell as text: `thp=always,size=2MiB`.
  package var description: String { settings.map { "\($0.axis)=\($0.value)" }.joined(separator: ",") }
}

/// A condition that an axis has one of these values.
package struct AxisCondition: Sendable, Equatable, Codable {
  package var axis: String
  package var values: [String]

  package init(_ axis: String, _ values: [String]) {
    self.axis = axis
    self.values = values
  }

  package func holds(in cell: MatrixCell) -> Bool { cell[axis].map { values.contains($0) } ?? false }
}
