/// The properties of the kernel that an image is for.
public struct ImageKernel: Sendable, Equatable {
  /// The label for messages.
  public var label: String
  /// The release as `uname -r` prints it.
  public var release: String
  /// The top of its source tree; nil for a kernel without one.
  public var source: String?
  /// The top of its build tree, for modules; nil for a kernel without one.
  public var build: String?

  public init(label: String, release: String, source: String? = nil, build: String? = nil) {
    self.label = label
    self.release = release
    self.source = source
    self.build = build
  }
}
