import Dispatch

/// Runs a journal's disk calls on a separate queue: a hanging disk must not block a thread of the cooperative pool.
final class JournalQueue: SerialExecutor {
  private let queue = DispatchQueue(label: "ktest.journal")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let executor = asUnownedSerialExecutor()
    queue.async { job.runSynchronously(on: executor) }
  }
}
