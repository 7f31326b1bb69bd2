/// A kernel that can be booted: its image, its configuration and its modules.
///
/// Manifests encode it without `config`, which is nil after decoding; `configHash` represents the configuration.
package struct KernelBuild: Sendable, Equatable {
  package enum ImageFormat: String, Sendable, Codable {
    /// An ELF file with a PVH entry, which QEMU starts without decompressing anything.
    case vmlinux
    case bzImage
  }

  /// The architecture. There is only one so far; images for others are refused when they are read.
  package enum Architecture: String, Sendable, Codable {
    case x86_64
  }

  package enum ModuleLayout: String, Sendable, Codable {
    /// `lib/modules/RELEASE`: `kernel/…/x.ko[.xz|.zst|.gz]`, `modules.order`, `modules.builtin`.
    case installed
    /// The top of a build tree: `drivers/…/x.ko`, `modules.order`, `modules.builtin`.
    case buildTree
  }

  /// The short name for reports.
  package var label: String
  /// The release as `uname -r` prints it in the guest.
  package var release: String
  package var imagePath: String
  package var imageFormat: ImageFormat
  package var architecture: Architecture
  package var configPath: String?
  package var config: KernelConfig?
  /// The directory that `moduleLayout` describes, or nil for a kernel without modules.
  package var modulesPath: String?
  package var moduleLayout: ModuleLayout
  /// The top of the source tree that it was built from, or nil if it is unknown, as for packages.
  package var sourcePath: String?
  /// The top of the build tree, which may be the source tree, or nil for a kernel outside of a build tree.
  package var buildPath: String?
  /// The SHA-256 (hex) of the file at `imagePath`.
  package var identity: String
  /// The `KernelConfig.hash`, or nil if the configuration is unknown.
  package var configHash: String?
  package var source: KernelOrigin

  package init(
    label: String, release: String, imagePath: String, imageFormat: ImageFormat,
    architecture: Architecture = .x86_64, configPath: String? = nil, config: KernelConfig? = nil,
    modulesPath: String? = nil, moduleLayout: ModuleLayout = .installed, sourcePath: String? = nil,
    buildPath: String? = nil, identity: String, source: KernelOrigin
  ) {
    self.label = label
    self.release = release
    self.imagePath = imagePath
    self.imageFormat = imageFormat
    self.architecture = architecture
    self.configPath = configPath
    self.config = config
    self.modulesPath = modulesPath
    self.moduleLayout = moduleLayout
    self.sourcePath = sourcePath
    self.buildPath = buildPath
    self.identity = identity
    self.configHash = config?.hash
    self.source = source
  }
}

extension KernelBuild: Codable {
  private enum CodingKeys: String, CodingKey {
    case label, release, imagePath, imageFormat, architecture, configPath, modulesPath, moduleLayout, sourcePath,
      buildPath
    case identity, configHash, source, origin
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    func text(_ key: CodingKeys) throws -> String { try values.decode(String.self, forKey: key) }
    func optional(_ key: CodingKeys) throws -> String? { try values.decodeIfPresent(String.self, forKey: key) }
    (label, release, imagePath, identity) = (
      try text(.label), try text(.release), try text(.imagePath), try text(.identity)
    )
    imageFormat = try values.decode(ImageFormat.self, forKey: .imageFormat)
    architecture = try values.decode(Architecture.self, forKey: .architecture)
    moduleLayout = try values.decode(ModuleLayout.self, forKey: .moduleLayout)
    (configPath, configHash) = (try optional(.configPath), try optional(.configHash))
    (modulesPath, sourcePath, buildPath) = (
      try optional(.modulesPath), try optional(.sourcePath), try optional(.buildPath)
    )
    source = try KernelOrigin(in: values, value: .origin, text: .source)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode(release, forKey: .release)
    try values.encode(imagePath, forKey: .imagePath)
    try values.encode(imageFormat, forKey: .imageFormat)
    try values.encode(architecture, forKey: .architecture)
    try values.encode(moduleLayout, forKey: .moduleLayout)
    try values.encodeIfPresent(configPath, forKey: .configPath)
    try values.encodeIfPresent(modulesPath, forKey: .modulesPath)
    try values.encodeIfPresent(sourcePath, forKey: .sourcePath)
    try values.encodeIfPresent(buildPath, forKey: .buildPath)
    try values.encode(identity, forKey: .identity)
    try values.encodeIfPresent(configHash, forKey: .configHash)
    try values.encode("\(source)", forKey: .source)
    try values.encode(source, forKey: .origin)
  }
}
