import KTestHost

extension SlurmFleet {
  func stop(_ attempts: [Attempt]) async {
    let tasks = attempts.compactMap { attempt -> (job: Int, index: Int)? in
      jobs[attempt.batch].map { ($0, attempt.index) }
    }
    guard !tasks.isEmpty else { return }
    _ = await SlurmFleet.end(.tasks(tasks), of: name(of: run), in: queue)
  }

  func end() async -> Bool {
    guard await SlurmFleet.end(.all(name: name(of: run)), of: name(of: run), in: queue) else { return false }
    HostFiles.remove(place)
    files.removeUnused()
    return true
  }

  /// Ends what a killed ktest has left of a run. Returns whether Slurm says that it is gone.
  func endLeftover(of run: String) async -> Bool {
    self.run = run
    return await end()
  }

  /// How long Slurm may take to end tasks.
  private static var most: Duration { .seconds(60) }
  /// A worker ends its guest and writes its answer within seconds.
  private static var grace: Duration { .seconds(20) }

  /// Ends tasks, and returns when they have left the queue, or Slurm does not answer or does not end them within a minute.
  ///
  /// - Returns: whether Slurm says that they are gone.
  private static func end(_ choice: SlurmQueue.Choice, of name: String, in queue: SlurmQueue) async -> Bool {
    // The task that asks for it is often cancelled, and this has to be done all the same.
    await Task.detached {
      /// Nil if Slurm does not answer.
      func isLeft() async -> Bool? {
        guard let tasks = try? await queue.tasks(of: name).filter({ !$0.isOver }) else { return nil }
        guard case .tasks(let meant) = choice else { return !tasks.isEmpty }
        return tasks.contains { task in meant.contains { $0 == (task.job, task.index) } }
      }
      // Slurm's own programs try for some seconds; whoever asks for the end does not wait for the controller any longer.
      guard let isLeftNow = await isLeft() else { return false }
      if !isLeftNow { return true }
      await queue.ask(toEnd: choice)
      let start = ContinuousClock.now
      var nextCancel = start + SlurmFleet.grace
      while ContinuousClock.now - start < SlurmFleet.most {
        guard let isLeft = await isLeft() else { return false }
        if !isLeft { return true }
        if ContinuousClock.now > nextCancel {
          await queue.cancel(choice)
          nextCancel += SlurmFleet.grace
        }
        try? await Task.sleep(for: .milliseconds(500))
      }
      return false
    }.value
  }
}
