internal import Synchronization

/// Selftest only: a disk that is full after so many bytes. Everything but the write itself is the real thing.
public final class DiskFault: Sendable {
  private let left: Atomic<Int>
  private let gaveBack = Atomic(false)

  public init(fullAfter bytes: Int) { left = Atomic(bytes) }

  var disk: DiskWrite {
    DiskWrite { [self] descriptor, bytes in
      guard left.subtract(bytes.count, ordering: .relaxed).newValue >= 0 else {
        // Who is refused gives back what was set aside, as on a disk: so much is free again.
        if !gaveBack.exchange(true, ordering: .relaxed) { left.store(RunRecord.reserve, ordering: .relaxed) }
        return (-1, 28)
      }
      return DiskWrite.system.call(descriptor, bytes)
    }
  }
}
