/// One kernel that can be booted: its image, the configuration it was built with and its modules.
///
/// Encoded for manifests, where `configHash` stands for the configuration: `config` is not encoded and is nil after
/// decoding.
public struct KernelBuild: Sendable, Codable, Equatable {
  public enum ImageFormat: String, Sendable, Codable {
    /// An ELF file with a PVH entry, which QEMU starts without decompressing anything.
    case vmlinux
    case bzImage
  }

  /// The only one so far; guests of other architectures are refused when the image is read.
  public enum Architecture: String, Sendable, Codable {
    case x86_64
  }

  public enum ModuleLayout: String, Sendable, Codable {
    /// `lib/modules/RELEASE`: `kernel/…/x.ko[.xz|.zst|.gz]`, `modules.order`, `modules.builtin`.
    case installed
    /// The top of a build tree: `drivers/…/x.ko`, `modules.order`, `modules.builtin`.
    case buildTree
  }

  /// Short name for reports.
  public var label: String
  /// As `uname -r` prints it in the guest.
  public var release: String
  public var imagePath: String
  public var imageFormat: ImageFormat
  public var architecture: Architecture
  public var configPath: String?
  public var config: KernelConfig?
  /// The directory that `moduleLayout` describes; nil for a kernel that came without modules.
  public var modulesPath: String?
  public var moduleLayout: ModuleLayout
  /// The top of the source tree that it was built from; nil where that is not known, as for packages.
  public var sourcePath: String?
  /// The top of the build tree, which may be the source tree itself; nil for a kernel that is not in one.
  public var buildPath: String?
  /// SHA-256 (hex) of the file at `imagePath`.
  public var identity: String
  /// `KernelConfig.hash`, nil when the configuration is not known.
  public var configHash: String?
  /// Where it came from, for manifests: what was asked for and, for packages, name and version.
  public var source: String

  public init(
    label: String, release: String, imagePath: String, imageFormat: ImageFormat,
    architecture: Architecture = .x86_64, configPath: String? = nil, config: KernelConfig? = nil,
    modulesPath: String? = nil, moduleLayout: ModuleLayout = .installed, sourcePath: String? = nil,
    buildPath: String? = nil, identity: String, source: String
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

  private enum CodingKeys: String, CodingKey {
    case label, release, imagePath, imageFormat, architecture, configPath, modulesPath, moduleLayout, sourcePath,
      buildPath
    case identity, configHash, source
  }
}
