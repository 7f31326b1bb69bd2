import CLinux
import Glibc

/// Makes a clone differ from its siblings, and sets its clock (random(4), clock_settime(2)).
///
/// - Returns: a sentence for each step that failed.
func awaken(entropy: [UInt8], nanoseconds: UInt64) -> [String] {
  var failures: [String] = []
  func check(_ step: String, _ result: Int32) {
    if result != 0 { failures.append("cannot \(step): \(String(cString: strerror(errno)))") }
  }
  let random = open("/dev/urandom", O_RDWR | O_CLOEXEC)
  if random >= 0 {
    defer { close(random) }
    check("add to the random pool", ktest_add_entropy(random, entropy, Int32(entropy.count)))
    check("seed the random numbers", ktest_reseed(random))
  } else {
    check("open /dev/urandom", -1)
  }
  var time = timespec(
    tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
  check("set the clock", clock_settime(CLOCK_REALTIME, &time))
  return failures
}
