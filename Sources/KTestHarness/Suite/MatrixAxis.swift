/// An axis of a matrix, with its values. Every combination of the axes' values is a cell.
public struct MatrixAxis: Sendable, Equatable, Codable {
  /// The name, `[a-z][a-z0-9_-]*`; `${name}` stands for the value.
  public var name: String
  /// The values in the order of the file; at least one, without duplicates.
  public var values: [String]

  public init(_ name: String, _ values: [String]) {
    self.name = name
    self.values = values
  }
}

/// One combination: a value for each axis.
public struct MatrixCell: Sendable, Equatable, Codable, CustomStringConvertible {
  public struct Setting: Sendable, Equatable, Codable {
    public var axis: String
    public var value: String

    public init(axis: String, value: String) {
      self.axis = axis
      self.value = value
    }
  }

  /// The name of the suite without its cell.
  public var suite: String
  /// The values in the order of the suite's axes.
  public var settings: [Setting]

  public init(suite: String, settings: [Setting]) {
    self.suite = suite
    self.settings = settings
  }

  public subscript(axis: String) -> String? { settings.first { $0.axis == axis }?.value }

  /// The cell as text: `thp=always,size=2MiB`.
  public var description: String { settings.map { "\($0.axis)=\($0.value)" }.joined(separator: ",") }
}

/// A condition that an axis has one of these values.
public struct AxisCondition: Sendable, Equatable, Codable {
  public var axis: String
  public var values: [String]

  public init(_ axis: String, _ values: [String]) {
    self.axis = axis
    self.values = values
  }

  public func holds(in cell: MatrixCell) -> Bool { cell[axis].map { values.contains($0) } ?? false }
}
