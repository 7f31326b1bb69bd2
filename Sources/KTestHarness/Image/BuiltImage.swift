/// One line of progress for people.
public struct ImageStep: Sendable, Equatable, CustomStringConvertible {
  /// For example `package ndctl`.
  public var layer: String
  /// For example `fetching libkmod2=30+20221128-1`.
  public var action: String

  public init(layer: String, action: String) {
    self.layer = layer
    self.action = action
  }

  public var description: String { "\(layer): \(action)" }
}

/// A file that is put on top of a recipe's image, for example a module of the kernel that boots it.
public struct ImagePayload: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case bytes([UInt8])
    /// A file of the host.
    case file(String)
  }

  /// Absolute, in the image.
  public var path: String
  public var mode: UInt32
  public var content: Content

  public init(path: String, mode: UInt32 = 0o644, content: Content) {
    self.path = path
    self.mode = mode
    self.content = content
  }

  /// Where the agent finds the list of modules.
  public static let moduleList = "/ktest/modules"

  /// The modules of one kernel, in load order, as `/lib/modules/ktest/NAME.ko`, and the text `/ktest/modules` with a
  /// line `NAME PATH` for each.
  public static func modules(_ modules: [(name: String, content: Content)]) -> [ImagePayload] {
    let paths = modules.map { "/lib/modules/ktest/\($0.name).ko" }
    let list = zip(modules, paths).map { "\($0.name) \($1)\n" }.joined()
    return zip(modules, paths).map { ImagePayload(path: $1, content: $0.content) } + [
      ImagePayload(path: moduleList, content: .bytes(Array(list.utf8)))
    ]
  }
}

/// What a layer came to, for the manifest of a run.
public struct ImageLayer: Sendable, Equatable, Codable {
  /// For example `package ndctl`.
  public var title: String
  /// SHA-256 over the paths, permissions and contents that it puts into the image.
  public var identity: String
  /// Versions of packages, compilers and sources; whether ELF files were stripped.
  public var details: [String]
  /// Programs that the recipe names and this layer could not have, and why.
  public var omitted: [ImageOmission]

  public init(title: String, identity: String, details: [String] = [], omitted: [ImageOmission] = []) {
    self.title = title
    self.identity = identity
    self.details = details
    self.omitted = omitted
  }
}

/// A program or module that is not in the image although its recipe names it. What needs it cannot run.
public struct ImageOmission: Sendable, Equatable, Codable {
  /// Its path in the image.
  public var path: String
  /// For people, for example `linux 6.1.158 has no tools/testing/selftests/mm/droppable.c`.
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
  /// An uncompressed cpio archive, or two of them one after the other.
  public var path: String
  public var sha256: String
  /// Bytes.
  public var size: Int
  public var layers: [ImageLayer]
  /// What the user should know of how it was made, for example that a file of the cache was damaged.
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

  /// What the recipe names and the image does not have.
  public var omitted: [ImageOmission] { layers.flatMap(\.omitted) }
}
