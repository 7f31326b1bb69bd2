internal import Dispatch

/// A serial queue for one guest: libvirt's calls block and must not block the cooperative pool. Linux has no
/// `DispatchSerialQueue`, which would do this.
final class GuestExecutor: SerialExecutor {
  private let queue: DispatchQueue

  init(label: String) { queue = DispatchQueue(label: label) }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
