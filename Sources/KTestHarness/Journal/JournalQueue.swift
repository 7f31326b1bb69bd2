import Dispatch

/// Runs a journal's disk calls on a queue of its own: a disk that hangs must not take a thread of the cooperative pool.
final class JournalQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "ktest.journal")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
