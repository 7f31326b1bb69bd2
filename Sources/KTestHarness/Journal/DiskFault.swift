internal import Synchronization

/// A disk that is full after a number of bytes, for the selftest. Everything except the write itself is real.
package final class DiskFault: Sendable {
  private let left: Atomic<Int>
  private let gaveBack = Atomic(false)

  package init(fullAfter bytes: Int) { left = Atomic(bytes) }

  var disk: DiskWrite {
    DiskWrite { [self] descriptor, bytes in
      guard left.subtract(bytes.count, ordering: .relaxed).newValue >= 0 else {
        // Removing the reserve frees its bytes, as on a real disk.
        if !gaveBack.exchange(true, ordering: .relaxed) { left.store(RunRecord.reserve, ordering: .relaxed) }
        return (-1, 28)
      }
      return DiskWrite.system.call(descriptor, bytes)
    }
  }
}
