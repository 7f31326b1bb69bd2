extension RunManifest {
  /// The image that a suite booted on a kernel, with its layers.
  public struct Image: Codable, Sendable, Equatable {
    public var suite: String
    /// The kernel's label.
    public var kernel: String
    /// The name of its recipe.
    public var name: String
    /// The SHA-256 of the archive, including the kernel's modules.
    public var sha256: String
    public var layers: [Layer]

    public init(suite: String, kernel: String, name: String, sha256: String, layers: [Layer]) {
      self.suite = suite
      self.kernel = kernel
      self.name = name
      self.sha256 = sha256
      self.layers = layers
    }
  }

  public struct Layer: Codable, Sendable, Equatable {
    /// The title in its recipe, for example `selftests mm`.
    public var title: String
    /// The SHA-256 of what it puts into the image.
    public var identity: String
    /// The origin: a kernel's source and commit, versions of packages, the compiler.
    public var details: [String]
    /// What its recipe names but it does not have: the path in the image and the reason.
    public var omitted: [String: String]

    public init(title: String, identity: String, details: [String] = [], omitted: [String: String] = [:]) {
      self.title = title
      self.identity = identity
      self.details = details
      self.omitted = omitted
    }
  }
}
