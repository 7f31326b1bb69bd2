/// A suite: what guest to boot, what it must be able to do, and the cases to run in it. Read from YAML by
/// ``read(bytes:file:)``; what is in one of these has been checked.
public struct Suite: Sendable, Equatable, Codable {
  public enum Kind: String, Sendable, Codable, CaseIterable {
    case test
    /// Tests the harness itself: each case says what verdict it must get.
    case selftest
    /// Compiles: each case is a configuration, and nothing boots.
    case build
  }

  /// `[a-z0-9-]+`; of a cell `name[axis=value,…]`.
  public var name: String
  public var description: String
  public var kind: Kind
  public var guest: GuestSpec
  /// What every case needs.
  public var requires: Requirements
  /// Name of the image recipe.
  public var image: String
  /// Loaded after boot, in this order.
  public var modules: [ModuleRequest]
  /// What `--set NAME=VALUE` may give.
  public var parameters: [SuiteParameter]
  /// What is varied; empty in a suite without a matrix and in a cell. See ``cells``.
  public var matrix: [MatrixAxis]
  /// The combination that this suite is; nil for a suite as it was read.
  public var cell: MatrixCell?
  public var dmesg: DmesgRules
  /// Programs with their arguments, run before the first case of a boot. One that fails is an error of the boot.
  public var setup: [[String]]
  /// In the order of the file; names are unique.
  public var cases: [Case]

  public init(
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

  /// What one case needs: its own requirements after those of the suite.
  public func requirements(of test: Case) -> Requirements { requires.merging(test.requires) }
}

/// A value that is given on the command line, for example the path of a checkout.
public struct SuiteParameter: Sendable, Equatable, Codable {
  public var name: String
  /// The hint of a case that is skipped because the value was not given.
  public var description: String

  public init(name: String, description: String) {
    self.name = name
    self.description = description
  }
}

/// A kernel module to load.
public struct ModuleRequest: Sendable, Equatable, Codable {
  public var name: String
  /// Values as written: `0x40000000` stays these characters.
  public var parameters: [String: String]

  public init(_ name: String, parameters: [String: String] = [:]) {
    self.name = name
    self.parameters = parameters
  }

  /// `name=value` as the kernel takes them, by name.
  public var arguments: [String] { parameters.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
}
