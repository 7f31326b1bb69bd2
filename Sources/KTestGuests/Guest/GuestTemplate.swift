internal import Foundation
internal import KTestHost

/// The memory and the state of a guest that was stopped, from which any number of clones go on. Its files go with the object;
/// clones that run keep what they have mapped.
///
/// QEMU writes the state of the devices only (`x-ignore-shared`, docs/devel/migration.rst in QEMU 7.2): 0.3 MB. The memory
/// stays in its files, and a clone maps them privately, so that clones share the pages that they do not write.
package final class GuestTemplate: Sendable, Equatable {
  /// The description of the guest that was stopped.
  package let description: GuestDescription
  /// The directory with the files.
  let directory: String
  /// When the guest was stopped.
  package let stopped: ContinuousClock.Instant
  /// Under which it is in the store of templates; nil if this run has booted it.
  let key: String?

  /// Makes a template of a directory with all files, which it will remove.
  package init(
    _ description: GuestDescription, directory: String, stopped: ContinuousClock.Instant = .now, key: String? = nil
  ) {
    self.description = description
    self.directory = directory
    self.stopped = stopped
    self.key = key
  }

  deinit { try? FileManager.default.removeItem(atPath: directory) }

  var state: String { "\(directory)/state" }

  package static func == (one: GuestTemplate, other: GuestTemplate) -> Bool { one === other }
}
