import KTestValues

extension SuiteFile {
  /// Returns the file with the values of `--set` inserted in its suite.
  ///
  /// - Throws: ``Failure``.
  package func given(_ parameters: [String: String]) throws -> SuiteFile {
    var file = self
    do {
      file.suite = try suite.given(parameters)
    } catch {
      throw Failure(.usage, "--set for the suite \(suite.name): \(error.message)")
    }
    return file
  }

  /// Returns the file with the values of `NAME=VALUE` inserted. Throws as `suiteParameters` does.
  package func given(_ settings: [String]) throws -> SuiteFile { try given(suiteParameters(settings, of: [suite])) }
}
