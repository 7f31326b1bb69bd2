/// What a recipe takes of a folder of selftests that the tree's own Makefile builds.
package struct SelftestSet: Sendable, Equatable {
  /// The folder in the image for all files.
  package var to: String
  /// The names of the programs; empty for everything that the Makefile lists.
  package var only: [String]
  /// Compiler options that programs get in addition to the Makefile's.
  package var flags: [Flags]
  /// Headers that such options name, with their text.
  package var headers: [ProgramSet.Header]

  package init(
    to: String, only: [String] = [], flags: [Flags] = [], headers: [ProgramSet.Header] = []
  ) {
    self.to = to
    self.only = only
    self.flags = flags
    self.headers = headers
  }

  package struct Flags: Sendable, Equatable {
    /// The program, or `*` for all.
    package var program: String
    package var options: [String]

    package init(_ program: String, _ options: [String]) {
      self.program = program
      self.options = options
    }
  }

  /// Returns the additional options of a program: those of all programs, then its own.
  func options(of program: String) -> [String] {
    ["*", program].flatMap { name in flags.filter { $0.program == name }.flatMap(\.options) }
  }

  /// The paths in the image that the recipe names.
  var destinations: [String] { only.map { "\(to)/\($0)" } }

  /// A text that changes with everything in it.
  var key: String {
    let options = flags.flatMap { [$0.program, LayerBuild.key($0.options)] }
    return LayerBuild.key([to] + [only, options, headers.flatMap { [$0.name, $0.text] }].map(LayerBuild.key))
  }
}

/// How programs of a kernel's selftests are built.
package enum SelftestPlan: Sendable, Equatable {
  /// By the tree's own Makefile.
  case make(SelftestSet)
  /// One by one, as the recipe says, for a tree whose Makefile cannot do it.
  case programs(ProgramSet)

  var destinations: [String] {
    switch self {
    case .make(let set): set.destinations
    case .programs(let set): set.destinations
    }
  }
}

/// A file that a folder of selftests lists in its Makefile.
package struct SelftestFile: Sendable, Equatable, Codable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// A program that upstream's runner starts.
    case test
    /// A script that upstream's runner starts.
    case script
    /// A program or file that the build makes, for others to start.
    case made
    /// A file that is copied as it is.
    case file
    /// A file of another folder, relative to `tools/testing/selftests`.
    case include
    /// A folder with a Makefile of its own that this one calls.
    case folder
  }

  package var kind: Kind
  /// The name relative to the folder of the build or of the sources.
  package var name: String

  package init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }
}

/// The folder of selftests that a layer was made from.
package struct SelftestFolder: Sendable, Equatable, Codable {
  /// The folder in the image.
  package var to: String
  /// The folder below `tools/testing/selftests`.
  package var name: String
  /// The name of the tree, for example `linux 6.12.117`.
  package var tree: String
  /// What its Makefile lists, whether or not the image has it.
  package var files: [SelftestFile]
  /// The seconds that upstream's runner gives each test, from the file `settings`.
  package var timeout: Int?
  /// The lines of the file `config`, such as `CONFIG_GUP_TEST=y`.
  package var config: [String]
  /// How upstream's own script runs the programs of a folder that has one.
  package var invocations: [SelftestInvocation]
  /// The programs of the folder that each script names.
  package var calls: [String: [String]]

  package init(
    to: String, name: String, tree: String, files: [SelftestFile] = [], timeout: Int? = nil, config: [String] = [],
    invocations: [SelftestInvocation] = [], calls: [String: [String]] = [:]
  ) {
    self.to = to
    self.name = name
    self.tree = tree
    self.files = files
    self.timeout = timeout
    self.config = config
    self.invocations = invocations
    self.calls = calls
  }
}
