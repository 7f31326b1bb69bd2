extension Suite {
  /// The name without its cell.
  package var baseName: String { cell?.suite ?? name }

  /// The suite once for each combination of its axes, in the order of the file, with the last axis changing fastest.
  /// Each has the name `name[axis=value,…]`, has the values inserted, and lacks cases that do not exist there. A suite
  /// without a matrix is its only cell; a combination without cases is left out.
  package var cells: [Suite] {
    guard !matrix.isEmpty else { return [self] }
    var combinations: [[MatrixCell.Setting]] = [[]]
    for axis in matrix {
      combinations = combinations.flatMap { settings in
        axis.values.map { settings + [MatrixCell.Setting(axis: axis.name, value: $0)] }
      }
    }
    return combinations.map { MatrixCell(suite: name, settings: $0) }.map { suite(of: $0) }.filter { !$0.cases.isEmpty }
  }

  private func suite(of cell: MatrixCell) -> Suite {
    func text(_ text: String) -> String { AxisText.expand(text) { cell[$0] } }
    func module(_ module: ModuleRequest) -> ModuleRequest {
      ModuleRequest(
        module.name, parameters: module.parameters.mapValues(text), isOptional: module.isOptional)
    }
    var suite = keeping { $0.holds(in: cell) }
    suite.name = "\(name)[\(cell)]"
    suite.matrix = []
    suite.cell = cell
    suite.guest.commandLine = guest.commandLine.map(text)
    suite.modules = modules.map(module)
    suite.setup = setup.map { $0.map(text) }
    suite.cases = suite.cases.filter { $0.when.holds(in: cell) }.map { test in
      var test = test
      test.run = test.run.map(text)
      test.alternatives = test.alternatives.mapValues { $0.map(text) }
      test.environment = test.environment.mapValues(text)
      test.modules = test.modules.map(module)
      return test
    }
    return suite
  }
}
