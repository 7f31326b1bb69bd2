/// A kernel of Debian's archive: the package that names it, and the packages that its files are in.
struct ArchiveKernel: Sendable, Equatable {
  /// The package `linux-image-…`.
  var image: DebianPackage
  /// The packages to unpack: the image itself, or its parts.
  var files: [DebianPackage]

  /// The number of bytes to download; nil if it is unknown.
  var size: Int? {
    files.reduce(0) { sum, file in
      guard let sum, let size = file.size else { return nil }
      return sum + size
    }
  }

  /// The parts of a kernel that is packaged in parts: since 6.19 `linux-image-RELEASE` is empty and depends on exactly one
  /// version of `linux-binary-RELEASE`, `linux-modules-RELEASE` and `linux-base-RELEASE`.
  struct Part: Sendable, Equatable {
    var name: String
    var version: String

    /// Returns the parts of a kernel, or none if the image package has the kernel itself.
    static func parts(of image: DebianPackage) -> [Part] {
      let kinds = ["linux-binary-", "linux-modules-", "linux-base-"]
      let parts = kinds.flatMap { kind in
        image.pinned.filter { $0.key.hasPrefix(kind) }.map { Part(name: $0.key, version: $0.value) }
          .sorted { $0.name < $1.name }
      }
      return parts.contains { $0.name.hasPrefix(kinds[0]) } ? parts : []
    }
  }
}
