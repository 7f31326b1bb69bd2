package import KTestValues

/// Returns the values of `--set NAME=VALUE` for these suites, by name.
///
/// Throws `Failure` for an invalid text, and for a name that is not a parameter of any of them.
package func suiteParameters(_ settings: [String], of suites: [Suite]) throws -> [String: String] {
  let parameters = try parsedSettings(settings)
  let known = Set(suites.flatMap { $0.parameters.map(\.name) })
  for name in parameters.keys.sorted() where !known.contains(name) {
    let list = known.isEmpty ? "they have none" : "they have \(known.sorted().joined(separator: ", "))"
    throw Failure(.usage, "--set \(name): none of these suites has such a parameter; \(list)")
  }
  return parameters
}

/// Returns the values of `NAME=VALUE` by name; the last one wins.
package func parsedSettings(_ settings: [String]) throws -> [String: String] {
  var parsed: [String: String] = [:]
  for setting in settings {
    let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else { throw Failure(.usage, "--set takes NAME=VALUE, not '\(setting)'") }
    parsed[parts[0]] = parts[1]
  }
  return parsed
}
