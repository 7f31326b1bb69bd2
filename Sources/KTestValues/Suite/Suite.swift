/// A suite: the guest to boot, its requirements, and the cases to run in it. ``read(bytes:file:)`` parses it from YAML;
/// the content of a value has been checked.
package struct Suite: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    case test
    /// The suite tests ktest itself: each case has an expected result.
    case selftest
    /// The suite compiles: each case is a configuration, and nothing boots.
    case build
  }

  /// Which cases share a guest.
  package enum Isolation: String, Sendable, Codable, CaseIterable {
    /// All that do not need one of their own.
    case shared
    /// None.
    case `case`
  }

  /// The name, `[a-z0-9-]+`; for a cell `name[axis=value,…]`.
  package var name: String
  package var description: String
  package var kind: Kind
  package var guest: GuestSpec
  /// The requirements of every case.
  package var requires: Requirements
  /// The name of the image recipe.
  package var image: String
  /// The modules to load after boot, in this order.
  package var modules: [ModuleRequest]
  /// The parameters that `--set NAME=VALUE` may set.
  package var parameters: [SuiteParameter]
  /// The axes of the matrix; empty in a suite without a matrix and in a cell. See ``cells``.
  package var matrix: [MatrixAxis]
  /// The combination of this cell; nil for a suite as it was read.
  package var cell: MatrixCell?
  package var dmesg: DmesgRules
  /// Programs with their arguments that run before the first case of a boot. If one fails, the boot is an error.
  package var setup: [[String]]
  /// The cases in the order of the file, with unique names.
  package var cases: [Case]
  /// The folder of selftests whose other tests become cases when a kernel's tree is known.
  package var collection: SelftestCollection?
  package var isolation = Isolation.shared

  package init(
    name: String, description: String = "", kind: Kind = .test, guest: GuestSpec = GuestSpec(),
    requires: Requirements = Requirements(), image: String = "base", modules: [ModuleRequest] = [],
    parameters: [SuiteParameter] = [], matrix: [MatrixAxis] = [], dmesg: DmesgRules = DmesgRules(),
    setup: [[String]] = [], cases: [Case]
  ) {
    self.name = name
    self.description = description
    self.kind = kind
    self.guest = guest
    self.requires = requires
    self.image = image
    self.modules = modules
    self.parameters = parameters
    self.matrix = matrix
    self.dmesg = dmesg
    self.setup = setup
    self.cases = cases
  }

  /// Returns the requirements of one case, which follow those of the suite.
  package func requirements(of test: Case) -> Requirements { requires.merging(test.requires) }
}

/// A value that is given on the command line, for example the path of a checkout.
package struct SuiteParameter: Sendable, Equatable, Codable {
  package var name: String
  /// The description, which is shown when a case is skipped because the value was not given.
  package var description: String

  package init(name: String, description: String) {
    self.name = name
    self.description = description
  }
}

/// A kernel module to load.
package struct ModuleRequest: Sendable, Equatable, Codable {
  package var name: String
  /// The parameters as written: `0x40000000` stays these characters.
  package var parameters: [String: String]
  /// Whether a kernel without the module is as good: `name?`.
  package var isOptional: Bool

  package init(_ name: String, parameters: [String: String] = [:], isOptional: Bool = false) {
    self.name = name
    self.parameters = parameters
    self.isOptional = isOptional
  }

  /// Parses `name` or `name?`.
  init(parsing text: String, parameters: [String: String] = [:]) throws(ValueProblem) {
    let isOptional = text.hasSuffix("?")
    let name = try NameRule.module.check(isOptional ? String(text.dropLast()) : text)
    self.init(name, parameters: parameters, isOptional: isOptional)
  }

  /// The parameters `name=value` as the kernel takes them, sorted by name.
  package var arguments: [String] { parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
}
