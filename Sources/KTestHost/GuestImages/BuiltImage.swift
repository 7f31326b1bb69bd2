/// One line of progress for people.
package struct ImageStep: Sendable, Equatable, CustomStringConvertible {
  /// The layer, for example `package ndctl`.
  package var layer: String
  /// The action, for example `fetching libkmod2=30+20221128-1`.
  package var action: String

  package init(layer: String, action: String) {
    self.layer = layer
    self.action = action
  }

  package var description: String { "\(layer): \(action)" }
}

/// A file that is added on top of a recipe's image, for example a module of the kernel that boots it.
package struct ImagePayload: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    case bytes([UInt8])
    /// A file of the host.
    case file(String)
  }

  /// The absolute path in the image.
  package var path: String
  package var mode: UInt32
  package var content: Content

  package init(path: String, mode: UInt32 = 0o644, content: Content) {
    self.path = path
    self.mode = mode
    self.content = content
  }

  /// The path where the agent finds the list of modules.
  package static let moduleList = "/ktest/modules"

  /// Returns the modules of one kernel, in load order, as `/lib/modules/ktest/NAME.ko`, and the text `/ktest/modules`
  /// with a line `NAME PATH` for each.
  package static func modules(_ modules: [(name: String, content: Content)]) -> [ImagePayload] {
    let paths = modules.map { "/lib/modules/ktest/\($0.name).ko" }
    let list = zip(modules, paths).map { "\($0.name) \($1)\n" }.joined()
    return zip(modules, paths).map { ImagePayload(path: $1, content: $0.content) } + [
      ImagePayload(path: moduleList, content: .bytes(Array(list.utf8)))
    ]
  }
}

/// A layer of an image, for the manifest of a run.
package struct ImageLayer: Sendable, Equatable, Codable {
  /// The title, for example `package ndctl`.
  package var title: String
  /// The SHA-256 of the paths, permissions and contents that it puts into the image.
  package var identity: String
  /// The versions of packages, compilers and sources, and whether ELF files were stripped.
  package var details: [String]
  /// The programs that the recipe names but this layer could not include, with the reasons.
  package var omitted: [ImageOmission]
  /// The folder of selftests that it was made from.
  package var folder: SelftestFolder?

  package init(
    title: String, identity: String, details: [String] = [], omitted: [ImageOmission] = [],
    folder: SelftestFolder? = nil
  ) {
    self.folder = folder
    self.title = title
    self.identity = identity
    self.details = details
    self.omitted = omitted
  }
}

/// A program or module that the recipe names but the image does not have. Cases that need it cannot run.
package struct ImageOmission: Sendable, Equatable, Codable {
  /// The path in the image.
  package var path: String
  /// The reason for people, for example `linux 6.1.158 has no tools/testing/selftests/mm/droppable.c`.
  package var reason: String
  /// Whether the kernel has it and building it failed: its cases are errors, not skips.
  package var isBroken: Bool

  package init(path: String, reason: String, isBroken: Bool = false) {
    self.path = path
    self.reason = reason
    self.isBroken = isBroken
  }
}

/// An initramfs in the cache, ready to boot.
package struct BuiltImage: Sendable, Equatable, Codable {
  /// The recipe's name.
  package var name: String
  /// The path of an uncompressed cpio archive, or of two of them one after the other.
  package var path: String
  package var sha256: String
  /// The size in bytes.
  package var size: Int
  package var layers: [ImageLayer]
  /// Notices for the user, for example that a file of the cache was damaged.
  package var notices: [String]
  /// The paths of everything in it.
  package var files: Set<String>

  package init(
    name: String, path: String, sha256: String, size: Int, layers: [ImageLayer], notices: [String] = [],
    files: Set<String> = []
  ) {
    self.files = files
    self.notices = notices
    self.name = name
    self.path = path
    self.sha256 = sha256
    self.size = size
    self.layers = layers
  }

  /// Everything that the recipe names but the image does not have.
  package var omitted: [ImageOmission] { layers.flatMap(\.omitted) }
}
