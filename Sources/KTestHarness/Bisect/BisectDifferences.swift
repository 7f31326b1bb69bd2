import KTestValues

/// The differences between the good and the bad side of a command line or a configuration.
struct BisectDifferences: Codable, Sendable, Equatable {
  /// The words of the report for each difference.
  var names: [String]
  /// The name of each on either side: of a parameter or of a symbol.
  var keys: [String]
  var good: String
  var bad: String
  var isConfiguration: Bool

  /// The differences that a search was asked to try; nil for a search of commits or builds.
  ///
  /// Throws `Failure` if a side cannot be read, or the two are the same.
  init?(_ space: SearchOrder.Space) throws {
    switch space {
    case .commits, .builds: return nil
    case .commandLine(_, let good, let bad): try self.init(commandLines: good, bad)
    case .configuration(_, let good, let bad):
      let texts = try [good, bad].map { try readInput($0) }
      for (text, path) in zip(texts, [good, bad]) where KernelConfig(parsing: text).symbols.isEmpty {
        throw Failure(.usage, "\(path) sets no symbol; is it a .config?")
      }
      self.init(configurations: texts[0], texts[1])
    }
    guard !keys.isEmpty else { throw Failure(.usage, "the two sides are identical: there is nothing to search") }
  }

  init(commandLines good: String, _ bad: String) throws {
    let (from, to) = (try KernelCommandLine(parsing: good), try KernelCommandLine(parsing: bad))
    // A parameter that a suite may not set may not be searched either: a silent log would make every test pass.
    for word in (from.parameters + to.parameters).map(BisectDifferences.word) {
      do throws(ValueProblem) { try KernelParameterRule.check(word) } catch {
        throw Failure(.usage, "--cmdline: \(error)")
      }
    }
    let all = Set((from.parameters + to.parameters).map { BisectDifferences.normal($0.name) }).sorted()
    keys = all.filter { BisectDifferences.words(of: $0, in: from) != BisectDifferences.words(of: $0, in: to) }
    names = keys.map { key in
      let words = BisectDifferences.words(of: key, in: to)
      return words.isEmpty ? "no \(key)" : words.joined(separator: " ")
    }
    (self.good, self.bad, isConfiguration) = (good, bad, false)
  }

  init(configurations good: String, _ bad: String) {
    let (from, to) = (KernelConfig(parsing: good), KernelConfig(parsing: bad))
    // Symbols that Kconfig sets after looking at the compiler were chosen by nobody.
    keys = from.differences(from: to).filter { name in
      !["CC_", "AS_", "LD_", "GCC_", "PAHOLE_", "TOOLS_SUPPORT_", "ARCH_", "HAVE_"].contains { name.hasPrefix($0) }
    }
    names = keys.map { "CONFIG_\($0)=\(to.value(of: $0).text)" }
    (self.good, self.bad, isConfiguration) = (good, bad, true)
  }

  /// Returns the parameters with a subset of the differences.
  func commandLine(_ subset: [Int]) throws -> [String] {
    let (from, to) = (try KernelCommandLine(parsing: good), try KernelCommandLine(parsing: bad))
    let taken = Set(subset.map { keys[$0] })
    let kept = from.parameters.filter { !taken.contains(BisectDifferences.normal($0.name)) }
    let added = to.parameters.filter { taken.contains(BisectDifferences.normal($0.name)) }
    return (kept + added).map(BisectDifferences.word)
  }

  /// Returns the text of a configuration with a subset of the differences.
  func configuration(_ subset: [Int]) -> String {
    let (from, to) = (KernelConfig(parsing: good), KernelConfig(parsing: bad))
    let taken = Set(subset.map { keys[$0] })
    let lines = Set(from.symbols).union(to.symbols).sorted().map { name -> String in
      let value = (taken.contains(name) ? to : from).value(of: name)
      return value == .no ? "# CONFIG_\(name) is not set" : "CONFIG_\(name)=\(value.text)"
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Returns the suite with these parameters instead of its own with the same names.
  func applied(_ subset: [Int], to file: SuiteFile) throws -> SuiteFile {
    var file = file
    let own = try KernelCommandLine(parsing: file.suite.guest.commandLine.joined(separator: " "))
    let names = Set(
      (try KernelCommandLine(parsing: good).parameters + KernelCommandLine(parsing: bad).parameters)
        .map { BisectDifferences.normal($0.name) })
    file.suite.guest.commandLine =
      own.parameters.filter { !names.contains(BisectDifferences.normal($0.name)) }.map(BisectDifferences.word)
      + (try commandLine(subset))
    return file
  }

  private static func normal(_ name: String) -> String { name.replacing("-", with: "_") }

  private static func words(of name: String, in line: KernelCommandLine) -> [String] {
    line.parameters.filter { normal($0.name) == name }.map(word)
  }

  private static func word(_ parameter: KernelCommandLine.Parameter) -> String {
    guard let value = parameter.value else { return parameter.name }
    return value.contains(where: \.isWhitespace) ? "\(parameter.name)=\"\(value)\"" : "\(parameter.name)=\(value)"
  }
}
