/// The properties of the kernel that an image is for.
package struct ImageKernel: Sendable, Equatable {
  /// The label for messages.
  package var label: String
  /// The release as `uname -r` prints it.
  package var release: String
  /// The top of its source tree; nil for a kernel without one.
  package var source: String?
  /// The top of its build tree, for modules; nil for a kernel without one.
  package var build: String?
  /// The Debian package with its source, such as `linux-source-7.3@trixie-backports`; nil for a kernel that is not Debian's.
  package var sourcePackage: String?

  package init(
    label: String, release: String, source: String? = nil, build: String? = nil, sourcePackage: String? = nil
  ) {
    self.label = label
    self.release = release
    self.source = source
    self.build = build
    self.sourcePackage = sourcePackage
  }
}
