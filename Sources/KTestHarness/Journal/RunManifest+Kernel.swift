package import KTestValues

extension RunManifest {
  package struct Kernel: Sendable, Equatable {
    /// The label in reports.
    package var label: String
    package var source: KernelOrigin
    package var release: String
    package var image: String
    /// A hash that distinguishes this build from every other.
    package var identity: String
    /// The hash of its configuration; nil if the configuration is unknown.
    package var configHash: String?

    package init(
      label: String, source: KernelOrigin, release: String, image: String, identity: String, configHash: String? = nil
    ) {
      self.label = label
      self.source = source
      self.release = release
      self.image = image
      self.identity = identity
      self.configHash = configHash
    }

    /// The value of `--kernel` that finds this kernel again.
    package var argument: String { source.argument ?? image }
  }
}

extension RunManifest.Kernel: Codable {
  private enum CodingKeys: String, CodingKey { case label, source, origin, release, image, identity, configHash }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    label = try values.decode(String.self, forKey: .label)
    source = try KernelOrigin(in: values, value: .origin, text: .source)
    release = try values.decode(String.self, forKey: .release)
    image = try values.decode(String.self, forKey: .image)
    identity = try values.decode(String.self, forKey: .identity)
    configHash = try values.decodeIfPresent(String.self, forKey: .configHash)
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(label, forKey: .label)
    try values.encode("\(source)", forKey: .source)
    try values.encode(source, forKey: .origin)
    try values.encode(release, forKey: .release)
    try values.encode(image, forKey: .image)
    try values.encode(identity, forKey: .identity)
    try values.encodeIfPresent(configHash, forKey: .configHash)
  }
}
