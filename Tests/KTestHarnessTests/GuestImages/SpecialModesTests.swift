import Foundation
import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct SpecialModesTests {
  @Test func theBitsAreForTheGuestAlone() throws {
    let tree = try TemporaryTree()
    let cache = try ImageCache(tree.path + "/cache")
    let folder = cache.root + "/sysroots/package_1"
    try tree.put("cache/images/sysroots/package_1/usr/bin/su", "su")
    try tree.put("cache/images/sysroots/package_1/usr/bin/ls", "ls")
    for (name, mode) in [("usr/bin/su", 0o4755), ("usr/bin/ls", 0o755), ("usr", 0o1777)] {
      chmod("\(folder)/\(name)", mode_t(mode))
    }
    try SpecialModes.settle(folder, cache: cache)
    for (name, mode, original) in [("usr/bin/su", 0o755, 0o4755), ("usr/bin/ls", 0o755, 0o755), ("usr", 0o777, 0o1777)]
    {
      let path = "\(folder)/\(name)"
      let stamp = try #require(FileStamp(path))
      #expect(stamp.mode & 0o7777 == UInt32(mode), "\(name)")
      #expect(SpecialModes(of: folder).mode(of: path, in: folder, stamp: stamp) == UInt32(original), "\(name)")
    }
    // Once is enough: the list is not made anew from what was taken off.
    try SpecialModes.settle(folder, cache: cache)
    #expect(SpecialModes(of: folder).modes["usr/bin/su"] == 0o4755)
  }
}
