internal import Foundation
package import KTestValues

/// A plan of a night with everything that it names: suites that were read, and paths that do not depend on the working
/// directory.
package struct NightOrder: Sendable {
  /// One suite of the plan.
  package struct Suite: Sendable {
    package var entry: NightPlan.Suite
    /// With its selection and parameters.
    package var file: SuiteFile
    package var parameters: [String: String]

    package var name: String { file.suite.name }

    /// The names of its cells with their cases, in order.
    package var cells: [(name: String, cases: [String])] {
      get throws {
        try SuiteRequest(file.suite, cases: file.cases).chosen.map { ($0.cell.name, $0.cases.map(\.name)) }
      }
    }
  }

  package var plan: NightPlan
  package var suites: [Suite]
  package var guests = GuestOptions()
  /// Of the plan's file, or of the one in the state directory.
  package var excuses: Excuses
  /// The path of the plan.
  package var path: String

  /// Reads a plan and the suites that it names. Paths in it are below the plan's folder.
  ///
  /// - Throws: ``Failure``.
  package init(reading path: String, in session: Session) throws {
    let bytes: [UInt8]
    do { bytes = try SuiteFile.contents(of: path) } catch let error as Failure where error.kind == .usage {
      throw Failure(.usage, "cannot read the plan of a night \(path)")
    }
    let (plan, diagnostics) = NightPlan.read(bytes: bytes, file: path)
    let text = DiagnosticRenderer(source: bytes).render(diagnostics)
    guard let plan else { throw Failure(.data, "this night cannot be run\n\(text)") }
    if !diagnostics.isEmpty { session.display.diagnostics(text) }
    let folder = URL(filePath: path, relativeTo: URL(filePath: session.places.workingDirectory + "/")).absoluteURL
      .deletingLastPathComponent().standardizedFileURL.path
    try self.init(NightPaths(folder: folder).placed(plan), path: path, in: session)
  }

  /// - Throws: ``Failure``.
  package init(_ plan: NightPlan, path: String = "", in session: Session) throws {
    (self.plan, self.path) = (plan, path)
    suites = try plan.suites.map { try NightOrder.suite($0, in: session) }
    excuses = try plan.excuses.map { try readExcuses(at: $0) } ?? readExcuses(in: session.places.stateDirectory)
    for kernel in plan.kernels {
      let names = suites.filter { $0.entry.runs(on: kernel.name) }.map(\.name)
      if let twice = names.first(where: { name in names.count { $0 == name } > 1 }) {
        throw Failure(
          .data,
          "two entries of the plan run the suite \(twice) on \(kernel.name); make one of them, or give them kernels")
      }
      if names.isEmpty { throw Failure(.data, "no suite of the plan runs on \(kernel.name)") }
    }
  }

  private static func suite(_ entry: NightPlan.Suite, in session: Session) throws -> Suite {
    let names = entry.cases.isEmpty ? [entry.name] : entry.cases.map { "\(entry.name):\($0)" }
    let settings = entry.parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let order = try RunOrder(
      // The kernel is not looked at here.
      RunRequest(suites: names, kernels: ["."], settings: settings, matrix: entry.cells, tags: entry.tags), in: session)
    guard let file = order.suites.first, order.suites.count == 1 else {
      throw Failure(.data, "the suite \(entry.name) of the plan has no cases")
    }
    guard file.suite.kind == .test else {
      throw Failure(.data, "the suite \(file.suite.name) only compiles; a night runs suites that boot")
    }
    do { try SuiteRequest(file.suite, cases: file.cases).check() } catch { throw Failure(.data, error.description) }
    return Suite(entry: entry, file: file, parameters: order.parameters)
  }

  /// Returns the suite of that name that runs on a kernel of the plan.
  func suite(_ name: String, on kernel: String) -> Suite? {
    suites.first { $0.name == name && $0.entry.runs(on: kernel) }
  }

  func suites(on kernel: String) -> [Suite] { suites.filter { $0.entry.runs(on: kernel) } }

  /// Returns the suites that a kernel of the plan is built for: those that run on it, and those that it names.
  ///
  /// - Throws: ``Failure``.
  func configuredSuites(on kernel: NightPlan.Kernel, in session: Session) throws -> [SuiteFile] {
    try suites(on: kernel.name).map(\.file) + kernel.configuredFor.map { try session.suite($0) }
  }
}

/// The paths of a plan, which are below its folder.
private struct NightPaths {
  var folder: String

  func placed(_ plan: NightPlan) -> NightPlan {
    var plan = plan
    for place in plan.kernels.indices {
      switch plan.kernels[place].source {
      case .named(let name): plan.kernels[place].source = .named(kernel(name))
      case .branch(let tree, let remote, let branch):
        plan.kernels[place].source = .branch(tree: absolute(tree), remote: remote, branch: branch)
      }
      let base = plan.kernels[place].base
      if base != "allnoconfig", base != "defconfig" { plan.kernels[place].base = absolute(base) }
      plan.kernels[place].fragments = plan.kernels[place].fragments.map(absolute)
      plan.kernels[place].configuredFor = plan.kernels[place].configuredFor.map(suite)
    }
    for place in plan.suites.indices { plan.suites[place].name = suite(plan.suites[place].name) }
    for place in plan.labs.indices { plan.labs[place].results = absolute(plan.labs[place].results) }
    let patches = plan.drills?.patches.map(absolute) ?? []
    plan.drills?.patches = patches
    plan.excuses = plan.excuses.map(absolute)
    plan.pages = plan.pages.map(absolute)
    plan.kcidb = plan.kcidb.map(absolute)
    if case .file(let file)? = plan.mail?.way { plan.mail?.way = .file(absolute(file)) }
    return plan
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : URL(filePath: "\(folder)/\(path)").standardizedFileURL.path
  }

  private func suite(_ name: String) -> String {
    name.contains("/") && !name.hasPrefix(KselftestSuite.prefix) ? absolute(name) : name
  }

  /// A name with a scheme is no path; one that exists below the folder is, perhaps with `@REVISION` behind it.
  private func kernel(_ name: String) -> String {
    if name.hasPrefix("/") || name.hasPrefix("debian:") || name.hasPrefix("installed:") || name == "running" {
      return name
    }
    return name.split(separator: ",").map { absolute(String($0)) }.joined(separator: ",")
  }
}
