/// Programs that are compiled one by one from foreign sources: a folder of the kernel's selftests, or a checkout.
///
/// A library or source whose name ends in `?` is optional.
public struct ProgramSet: Sendable, Equatable {
  /// The folder in the image for all files.
  public var to: String
  public var programs: [Program]
  /// The sources for every program, after its own; a source that a program names itself is not compiled twice.
  public var sources: [String]
  public var cflags: [String]
  public var libs: [String]
  /// Headers that the sources' own build would generate, with their text.
  public var headers: [Header]
  /// Files that are copied as they are, relative to the folder of the sources.
  public var files: [String]

  public init(
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

  public struct Program: Sendable, Equatable {
    public var name: String
    /// The sources, `NAME.c` if the recipe names none.
    public var sources: [String]
    public var cflags: [String]
    public var libs: [String]

    public init(name: String, sources: [String]? = nil, cflags: [String] = [], libs: [String] = []) {
      self.name = name
      self.sources = sources ?? [name + ".c"]
      self.cflags = cflags
      self.libs = libs
    }
  }

  public struct Header: Sendable, Equatable {
    public var name: String
    public var text: String

    public init(name: String, text: String) {
      self.name = name
      self.text = text
    }
  }

  /// The paths in the image.
  var destinations: [String] { (programs.map(\.name) + files).map { "\(to)/\($0)" } }
}

/// The origin of the kernel source for selftests.
public enum SelftestOrigin: Sendable, Equatable, CustomStringConvertible {
  /// The source tree of the kernel under test.
  case tree
  /// A package such as `linux-source-6.12`, fetched by apt.
  case debian(String)

  public var description: String {
    switch self {
    case .tree: "tree"
    case .debian(let package): "debian:\(package)"
    }
  }
}
