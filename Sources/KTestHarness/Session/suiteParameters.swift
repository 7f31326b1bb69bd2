/// What `--set NAME=VALUE` gives to these suites, by name.
///
/// Throws `Failure` for what is no such text, and for a name that is no parameter of any of them.
public func suiteParameters(_ settings: [String], of suites: [Suite]) throws -> [String: String] {
  let parameters = try parsedSettings(settings)
  let known = Set(suites.flatMap { $0.parameters.map(\.name) })
  for name in parameters.keys.sorted() where !known.contains(name) {
    let list = known.isEmpty ? "they have none" : "they have \(known.sorted().joined(separator: ", "))"
    throw Failure(.usage, "--set \(name): none of these suites has such a parameter; \(list)")
  }
  return parameters
}

/// `NAME=VALUE` by name; the last of a name wins.
public func parsedSettings(_ settings: [String]) throws -> [String: String] {
  var parsed: [String: String] = [:]
  for setting in settings {
    let parts = setting.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty else { throw Failure(.usage, "--set takes NAME=VALUE, not '\(setting)'") }
    parsed[parts[0]] = parts[1]
  }
  return parsed
}
