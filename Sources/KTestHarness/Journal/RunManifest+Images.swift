extension RunManifest {
  /// The image that a suite booted on a kernel, with its layers.
  package struct Image: Codable, Sendable, Equatable {
    package var suite: String
    /// The kernel's label.
    package var kernel: String
    /// The name of its recipe.
    package var name: String
    /// The SHA-256 of the archive, including the kernel's modules.
    package var sha256: String
    package var layers: [Layer]

    package init(suite: String, kernel: String, name: String, sha256: String, layers: [Layer]) {
      self.suite = suite
      self.kernel = kernel
      self.name = name
      self.sha256 = sha256
      self.layers = layers
    }
  }

  package struct Layer: Codable, Sendable, Equatable {
    /// The title in its recipe, for example `selftests mm`.
    package var title: String
    /// The SHA-256 of what it puts into the image.
    package var identity: String
    /// The origin: a kernel's source and commit, versions of packages, the compiler.
    package var details: [String]
    /// What its recipe names but it does not have: the path in the image and the reason.
    package var omitted: [String: String]

    package init(title: String, identity: String, details: [String] = [], omitted: [String: String] = [:]) {
      self.title = title
      self.identity = identity
      self.details = details
      self.omitted = omitted
    }
  }
}
