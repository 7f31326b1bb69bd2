internal import FoundationEssentials
package import KTestValues

/// The request for a run, in the words of the command line.
package struct RunRequest: Sendable, Equatable {
  /// The suites: names or files, each optionally followed by a selection.
  package var suites: [String]
  /// Kernels; empty for the tree in the working directory.
  package var kernels: [String]
  /// Parameters, `NAME=VALUE`.
  package var settings: [String]
  /// Cells of matrices, `AXIS=VALUE`.
  package var matrix: [String]
  /// Tags, any of which selects a case; empty for all cases.
  package var tags: [String]
  /// The clock of all guests; nil for what each suite says.
  package var clock: GuestClock?

  package init(
    suites: [String], kernels: [String], settings: [String] = [], matrix: [String] = [], tags: [String] = [],
    clock: GuestClock? = nil
  ) {
    self.suites = suites
    self.kernels = kernels
    self.settings = settings
    self.matrix = matrix
    self.tags = tags
    self.clock = clock
  }
}

/// The suites and kernels to run, from a request or from the journal of an earlier run.
package struct RunOrder: Sendable {
  package var suites: [SuiteFile]
  package var kernels: [String]
  package var parameters: [String: String]
  /// The clock of all guests; nil for what each suite says.
  package private(set) var clock: GuestClock?
  /// Whether QEMU's plugin counts what each function of the kernel executes.
  package private(set) var countsFunctions = false
  /// Whether each case gets a guest of its own.
  package var isolatesCases = false
  /// What determines the order of cases; nil for the suites' order.
  package var shuffleSeed: UInt64?
  /// How many guests may be up at a time.
  package private(set) var guests = GuestCount.one
  /// How often cases run, and what ends the run before.
  package private(set) var course = RunCourse.once
  /// What keeps the guests busy beside each case; nil for nothing.
  package private(set) var load: GuestLoad?
  /// The identities of the kernels of the repeated run, in order; empty if no run is repeated.
  package private(set) var identities: [String] = []

  /// - Throws: ``Failure``.
  package init(_ request: RunRequest, in session: Session) throws {
    suites = try request.suites.map(session.suite)
    let names = suites.map(\.suite.name)
    if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
      suites = try RunOrder.merged(suites, named: twice)
    }
    (kernels, clock) = (request.kernels, request.clock)
    if kernels.isEmpty {
      // In a tree, or in the output directory of `make O=…`.
      let isTree = ["", "source/"].contains { folder in
        ["Kbuild", "MAINTAINERS"].allSatisfy { name in
          FileManager.default.fileExists(atPath: "\(session.places.workingDirectory)/\(folder)\(name)")
        }
      }
      guard isTree else {
        throw Failure(.usage, "no kernel: give --kernel, or run ktest inside a built kernel tree")
      }
      kernels = ["."]
    }
    let given = try suiteParameters(request.settings, of: suites.map(\.suite))
    parameters = given
    suites = try suites.map { try $0.given(given) }
    for setting in request.matrix { try choose(setting) }
    if !request.tags.isEmpty { suites = try suites.selecting(tags: request.tags) }
  }

  /// Merges `suite:a suite:b` to one suite with two cases.
  private static func merged(_ files: [SuiteFile], named name: String) throws -> [SuiteFile] {
    var result: [SuiteFile] = []
    for file in files {
      guard let place = result.firstIndex(where: { $0.suite.name == file.suite.name }) else {
        result.append(file)
        continue
      }
      guard result[place].path == file.path else {
        throw Failure(.usage, "two files have the suite name \(name): \(result[place].path), \(file.path)")
      }
      result[place].cases = result[place].cases.isEmpty || file.cases.isEmpty ? [] : result[place].cases + file.cases
    }
    return result
  }

  /// Repeats a run with the same suites (as recorded), kernels and parameters.
  ///
  /// - Throws: ``Failure``, ``JournalError``.
  package init(again name: String, in session: Session) throws {
    let directory = try findRun(name, in: session.places.stateDirectory)
    guard let manifest = try readJournal(at: directory).manifest else {
      throw Failure(.data, "the run \(directory) was killed before its manifest was written; it cannot be repeated")
    }
    suites = try manifest.suites.map { suite in
      let names = manifest.selection.compactMap { RunOrder.selection($0, of: suite.name) }
      return try session.suite(at: "\(directory)/\(suite.file)", cases: names).given(manifest.parameters)
    }
    kernels = manifest.kernels.map(\.argument)
    identities = manifest.kernels.map(\.identity)
    (parameters, clock) = (manifest.parameters, manifest.clock)
    countsFunctions = manifest.functions ?? false
    (course, load) = (manifest.course ?? .once, manifest.load)
    isolatesCases = manifest.isolatesCases ?? false
    guests = manifest.guests ?? .one
    shuffleSeed = manifest.seeds[RunManifest.shuffle]
  }

  /// Applies what the command line says of this run, whatever the repeated one was.
  ///
  /// - Parameters:
  ///   - clock: the clock of all guests; nil for that of the order. Under `time` nothing is counted, unless it is asked for.
  ///   - functions: whether `--functions` was given.
  package mutating func count(clock: GuestClock?, functions: Bool) {
    if let clock { self.clock = clock }
    countsFunctions = functions || (countsFunctions && clock != .time)
  }

  /// Returns what a line of a manifest's selection selects of that suite: `suite:CASE`, `suite[axis=value]:CASE`.
  static func selection(_ text: String, of suite: String) -> String? {
    if text.hasPrefix("\(suite):") { return String(text.dropFirst(suite.count + 1)) }
    return text.hasPrefix("\(suite)[") ? String(text.dropFirst(suite.count)) : nil
  }

  /// Applies `--matrix axis=value`: selects only those cells of every suite that has the axis.
  private mutating func choose(_ text: String) throws {
    let (axis, values) = try CaseSelection.setting(text)
    guard suites.contains(where: { $0.suite.matrix.contains { $0.name == axis } }) else {
      let names = Set(suites.flatMap { $0.suite.matrix.map(\.name) }).sorted()
      let known = names.isEmpty ? "they have none" : "they have \(names.joined(separator: ", "))"
      throw Failure(.usage, "--matrix \(text): none of these suites has such an axis; \(known)")
    }
    for place in suites.indices where suites[place].suite.matrix.contains(where: { $0.name == axis }) {
      let wanted = suites[place].cases.isEmpty ? ["*"] : suites[place].cases
      suites[place].cases = try wanted.map { text in
        var selection = try CaseSelection(parsing: text)
        selection.axes[axis, default: []] += values
        return selection.description
      }
    }
  }

  /// Returns a sentence for each kernel that differs from the original run's.
  package func differences(from builds: [KernelBuild]) -> [String] {
    zip(identities, builds).compactMap { identity, build in
      identity == build.identity ? nil : "\(build.label) has changed since the original run"
    }
  }
}
