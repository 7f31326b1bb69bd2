import Foundation

/// The cache that the tests of this process share. Its kernels are those of the user; nothing else of the user's is touched, or
/// another ktest on this machine would be in the way.
package enum SharedCache {
  /// For XDG_CACHE_HOME. A short name: sockets lie below it.
  package static let home = FileManager.default.temporaryDirectory.appending(path: "kt-\(getpid())").path

  /// Makes it, and sees to it that it goes with this process.
  package static func fill() throws -> String {
    try made.get()
    return home
  }

  private static let made = Result {
    let files = FileManager.default
    try files.createDirectory(atPath: "\(home)/ktest", withIntermediateDirectories: true)
    try files.createDirectory(atPath: "\(userCache)/kernels", withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: "\(home)/ktest/kernels", withDestinationPath: "\(userCache)/kernels")
    atexit { try? FileManager.default.removeItem(atPath: SharedCache.home) }
  }

  private static var userCache: String {
    let environment = ProcessInfo.processInfo.environment
    if let given = environment["KTEST_TEST_CACHE"] { return given }
    if let base = environment["XDG_CACHE_HOME"], base.hasPrefix("/") { return "\(base)/ktest" }
    return "\(environment["HOME"] ?? "")/.cache/ktest"
  }
}
