/// One line of progress for people.
public struct ImageStep: Sendable, Equatable, CustomStringConvertible {
  /// The layer, for example `package ndctl`.
  public var layer: String
  /// The action, for example `fetching libkmod2=30+20221128-1`.
  public var action: String

  public init(layer: String, action: String) {
    self.layer = layer
    self.action = action
  }

  public var description: String { "\(layer): \(action)" }
}

/// A file that is added on top of a recipe's image, for example a module of the kernel that boots it.
public struct ImagePayload: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case bytes([UInt8])
    /// A file of the host.
    case file(String)
  }

  /// The absolute path in the image.
  public var path: String
  public var mode: UInt32
  public var content: Content

  public init(path: String, mode: UInt32 = 0o644, content: Content) {
    self.path = path
    self.mode = mode
    self.content = content
  }

  /// The path where the agent finds the list of modules.
  public static let moduleList = "/ktest/modules"

  /// Returns the modules of one kernel, in load order, as `/lib/modules/ktest/NAME.ko`, and the text `/ktest/modules`
  /// with a line `NAME PATH` for each.
  public static func modules(_ modules: [(name: String, content: Content)]) -> [ImagePayload] {
    let paths = modules.map { "/lib/modules/ktest/\($0.name).ko" }
    let list = zip(modules, paths).map { "\($0.name) \($1)\n" }.joined()
    return zip(modules, paths).map { ImagePayload(path: $1, content: $0.content) } + [
      ImagePayload(path: moduleList, content: .bytes(Array(list.utf8)))
    ]
  }
}

/// A layer of an image, for the manifest of a run.
public struct ImageLayer: Sendable, Equatable, Codable {
  /// The title, for example `package ndctl`.
  public var title: String
  /// The SHA-256 of the paths, permissions and contents that it puts into the image.
  public var identity: String
  /// The versions of packages, compilers and sources, and whether ELF files were stripped.
  public var details: [String]
  /// The programs that the recipe names but this layer could not include, with the reasons.
  public var omitted: [ImageOmission]

  public init(title: String, identity: String, details: [String] = [], omitted: [ImageOmission] = []) {
    self.title = title
    self.identity = identity
    self.details = details
    self.omitted = omitted
  }
}

/// A program or module that the recipe names but the image does not have. Cases that need it cannot run.
public struct ImageOmission: Sendable, Equatable, Codable {
  /// The path in the image.
  public var path: String
  /// The reason for people, for example `linux 6.1.158 has no tools/testing/selftests/mm/droppable.c`.
  public var reason: String

  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// An initramfs in the cache, ready to boot.
public struct BuiltImage: Sendable, Equatable, Codable {
  /// The recipe's name.
  public var name: String
  /// The path of an uncompressed cpio archive, or of two of them one after the other.
  public var path: String
  public var sha256: String
  /// The size in bytes.
  public var size: Int
  public var layers: [ImageLayer]
  /// Notices for the user, for example that a file of the cache was damaged.
  public var notices: [String]

  public init(
    name: String, path: String, sha256: String, size: Int, layers: [ImageLayer], notices: [String] = []
  ) {
    self.notices = notices
    self.name = name
    self.path = path
    self.sha256 = sha256
    self.size = size
    self.layers = layers
  }

  /// Everything that the recipe names but the image does not have.
  public var omitted: [ImageOmission] { layers.flatMap(\.omitted) }
}
