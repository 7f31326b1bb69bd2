/// Programs that are compiled one by one from foreign sources: a folder of the kernel's selftests, or a checkout.
///
/// A library or source whose name ends in `?` is optional.
package struct ProgramSet: Sendable, Equatable {
  /// The folder in the image for all files.
  package var to: String
  package var programs: [Program]
  /// The sources for every program, after its own; a source that a program names itself is not compiled twice.
  package var sources: [String]
  package var cflags: [String]
  package var libs: [String]
  /// Headers that the sources' own build would generate, with their text.
  package var headers: [Header]
  /// Files that are copied as they are, relative to the folder of the sources.
  package var files: [String]

  package init(
    to: String, programs: [Program], sources: [String] = [], cflags: [String] = [], libs: [String] = [],
    headers: [Header] = [], files: [String] = []
  ) {
    self.to = to
    self.programs = programs
    self.sources = sources
    self.cflags = cflags
    self.libs = libs
    self.headers = headers
    self.files = files
  }

  package struct Program: Sendable, Equatable {
    package var name: String
    /// The sources, `NAME.c` if the recipe names none.
    package var sources: [String]
    package var cflags: [String]
    package var libs: [String]

    package init(name: String, sources: [String]? = nil, cflags: [String] = [], libs: [String] = []) {
      self.name = name
      self.sources = sources ?? [name + ".c"]
      self.cflags = cflags
      self.libs = libs
    }
  }

  package struct Header: Sendable, Equatable {
    package var name: String
    package var text: String

    package init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// The paths in the image.
  var destinations: [String] { (programs.map(\.name) + files).map { "\(to)/\($0)" } }
}

/// The origin of the kernel source for selftests.
package enum SelftestOrigin: Sendable, Equatable, CustomStringConvertible {
  /// The source tree of the kernel under test.
  case tree
  /// A package such as `linux-source-6.12`, fetched by apt.
  case debian(String)

  package var description: String {
    switch self {
    case .tree: "tree"
    case .debian(let package): "debian:\(package)"
    }
  }
}
