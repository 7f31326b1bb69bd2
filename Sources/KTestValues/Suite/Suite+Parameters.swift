extension Suite {
  /// The name that stands for the module in a case with ``Case/eachModule``.
  static let modulePlaceholder = "module"

  /// Returns the suite with the values of its parameters inserted. Kernel parameters and setup programs that need a
  /// value which is not given are left out. A case that needs one requires it, and is skipped.
  ///
  /// - Throws: `ValueProblem` for a value that cannot stand where it is to be inserted.
  package func given(_ values: [String: String]) throws(ValueProblem) -> Suite {
    guard !parameters.isEmpty else { return self }
    let filling = ParameterFilling(values: values, names: Set(parameters.map(\.name)), hasMatrix: !matrix.isEmpty)
    var suite = self
    suite.guest.commandLine = []
    for text in guest.commandLine where filling.missing([text]).isEmpty {
      let filled = filling.text(text)
      if filled != text { try KernelParameterRule.check(filled) }
      suite.guest.commandLine.append(filled)
    }
    suite.setup = setup.filter { filling.missing($0).isEmpty }.map { $0.map { filling.text($0) } }
    suite.modules = modules.map(filling.module)
    suite.cases = []
    for test in cases { suite.cases += try filling.cases(test) }
    let names = suite.cases.map(\.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ValueProblem("two cases get the name \(Phrase.quoted(twice))")
    }
    return suite
  }
}

/// Inserts the values of a suite's parameters.
private struct ParameterFilling {
  let values: [String: String]
  let names: Set<String>
  /// Whether the texts remain templates, for the axes' values.
  let hasMatrix: Bool

  /// Returns the parameters that these texts use and that are not given.
  func missing(_ texts: [String]) -> [String] {
    texts.flatMap(AxisText.names).filter { names.contains($0) && values[$0] == nil }
  }

  func text(_ text: String, module: String? = nil) -> String {
    func value(_ name: String) -> String? { name == Suite.modulePlaceholder ? module ?? values[name] : values[name] }
    guard hasMatrix else { return AxisText.expand(text, value) }
    return AxisText.names(text).reduce(text) { text, name in
      value(name).map { AxisText.expandKeepingEscapes(text, name, $0) } ?? text
    }
  }

  func module(_ module: ModuleRequest) -> ModuleRequest {
    ModuleRequest(
      module.name, parameters: module.parameters.mapValues { text($0) }, isOptional: module.isOptional)
  }

  func cases(_ test: Case) throws(ValueProblem) -> [Case] {
    guard let parameter = test.eachModule else { return [filled(test, module: nil)] }
    guard let value = values[parameter] else {
      var test = filled(test, module: nil)
      test.requires.parameters.append(parameter)
      return [test]
    }
    var cases: [Case] = []
    for word in value.split(whereSeparator: { $0 == " " || $0 == "," }).map(String.init) {
      let name = try NameRule.module.check(word)
      guard !cases.contains(where: { $0.modules.last?.name == name }) else { continue }
      var test = filled(test, module: name)
      test.name = try NameRule.testCase.check("\(test.name)-\(name.lowercased())")
      test.modules.append(ModuleRequest(name))
      cases.append(test)
    }
    if cases.isEmpty { throw ValueProblem("\(parameter) names no module") }
    return cases
  }

  private func filled(_ test: Case, module name: String?) -> Case {
    var test = test
    let texts = test.run + test.environment.values + test.modules.flatMap(\.parameters.values)
    for parameter in missing(texts) where !test.requires.parameters.contains(parameter) {
      test.requires.parameters.append(parameter)
    }
    test.run = test.run.map { text($0, module: name) }
    test.environment = test.environment.mapValues { text($0, module: name) }
    test.modules = test.modules.map(module)
    return test
  }
}
