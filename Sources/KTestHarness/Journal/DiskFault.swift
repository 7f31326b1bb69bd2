internal import Synchronization

/// Selftest only: a disk that is full after so many bytes. Everything but the write itself is the real thing.
public final class DiskFault: Sendable {
  private let left: Atomic<Int>

  public init(fullAfter bytes: Int) { left = Atomic(bytes) }

  var disk: DiskWrite {
    DiskWrite { [self] descriptor, bytes in
      guard left.subtract(bytes.count, ordering: .relaxed).newValue >= 0 else {
        return (-1, 28)
      }
      return DiskWrite.system.call(descriptor, bytes)
    }
  }
}
