import KTestHost
import KTestValues

extension SlurmFleet {
  /// How often the queue is asked: the answers themselves are files.
  private static var period: Duration { .seconds(2) }
  /// How often nodes are asked why nothing runs.
  private static var nodePeriod: Duration { .seconds(10) }
  /// How long NFS may say that a file is not there, by its default acdirmax (nfs(5)), and some seconds more.
  private static var mostDelay: Duration { .seconds(75) }

  func look(at attempts: [Attempt]) async throws -> [AttemptState] {
    underWay = attempts.count { refused[$0.folder] == nil }
    let isFresh = await ask()
    let states = attempts.map { state(of: $0, isFresh: isFresh) }
    if isFresh { await tellOutOfService(attempts, states) }
    return states
  }

  private func task(of attempt: Attempt) -> SlurmQueue.Task? {
    jobs[attempt.batch].flatMap { tasks["\($0)/\(attempt.index)"] }
  }

  private func state(of attempt: Attempt, isFresh: Bool) -> AttemptState {
    if let reason = refused[attempt.folder] { return .refused(reason) }
    let folder = folder(of: attempt)
    let task = task(of: attempt)
    let node = task.flatMap { $0.nodes.isEmpty ? nil : $0.nodes }
    let host = folder.readStart(to: attempt)?.facts.name ?? node ?? "a node"
    let end = folder.readEnd(to: attempt)
    if let end, !end.isInterrupted { return .ended(host: host) }
    guard isFresh else {
      let isRunning = task.map { $0.state != "PENDING" } ?? false
      return isRunning && suspects[attempt.folder] == nil ? .running(host: host) : .queued("")
    }
    if let task, !task.isOver {
      suspects[attempt.folder] = nil
      if task.state == "PENDING", SlurmFleet.hopeless.contains(task.reason) {
        return .lost(GroupAnswer.Loss(host: host, reason: "Slurm holds its task: \(task.reason)"))
      }
      // Slurm starts some again that it has asked to end: what they have said before means nothing then.
      return task.state == "PENDING" ? .queued(task.reason == "None" ? "" : task.reason) : .running(host: host)
    }
    if end != nil { return .ended(host: host) }
    let since = suspects[attempt.folder] ?? .now
    suspects[attempt.folder] = since
    // A worker that has ended well has answered, though this host may not see it yet.
    let isGood = task.map { $0.state == "COMPLETED" } ?? true
    guard ContinuousClock.now - since > (isGood ? SlurmFleet.mostDelay : SlurmFleet.period) else {
      return .running(host: host)
    }
    if let full = full() { return .again(full) }
    return .lost(GroupAnswer.Loss(host: host, reason: reason(for: attempt, task)))
  }

  /// Slurm's words for a task that will never begin by itself. One that its owner holds is waited for.
  private static let hopeless: Set = ["launch failed requeued held", "BadConstraints", "DependencyNeverSatisfied"]

  /// Why a task without an answer is over, which counts if its time was over.
  private func reason(for attempt: Attempt, _ task: SlurmQueue.Task?) -> String {
    guard let task else { return "it left Slurm's queue without an answer" }
    if task.isOverTime {
      overtimes[attempt.order.number, default: 0] += 1
      return "its time in Slurm was over\(task.limit.map { ", \(($0 + 59) / 60) min" } ?? "")"
    }
    return task.state == "CANCELLED" ? "somebody cancelled its task" : "Slurm says \(task.state)"
  }

  func outcome(of attempt: Attempt, host: String) async -> AttemptOutcome {
    let outcome = answer(to: attempt, host: host)
    guard case .lost(var loss, let worker, let part) = outcome else { return outcome }
    if let full = full() { return .again(full) }
    if folder(of: attempt).readEnd(to: attempt)?.isInterrupted == true, let task = task(of: attempt),
      task.isOverTime || task.state == "CANCELLED"
    {
      loss.reason = reason(for: attempt, task)
    }
    return .lost(loss, worker: worker, part: part)
  }

  /// What is said if the folder that nodes share is full: no node is at fault then.
  private func full() -> String? {
    files.shortage().map { "the folder that nodes share is full: \(root): \($0.reason)" }
  }

  /// If everything waits, people learn which nodes are not in service, and why.
  private func tellOutOfService(_ attempts: [Attempt], _ states: [AttemptState]) async {
    let waits = states.allSatisfy { if case .queued(let why) = $0 { !why.isEmpty } else { false } }
    guard !attempts.isEmpty, waits else { return }
    if let askedNodes, ContinuousClock.now - askedNodes < SlurmFleet.nodePeriod { return }
    askedNodes = .now
    guard let now = try? await queue.nodes(), !now.isEmpty else { return }
    nodes = now
    let fit = now.filter { node in attempts.contains { node.fits($0.order.needs) } }
    guard !fit.contains(where: \.isUsable) else { return }
    let list = fit.prefix(8).map { "\($0.name) is \($0.state)\($0.remark.isEmpty ? "" : " (\($0.remark))")" }
    let text = list.joined(separator: ", ") + (fit.count > 8 ? " and \(fit.count - 8) more" : "")
    guard text != saidOutOfService else { return }
    saidOutOfService = text
    told.append("no node that groups need is in service, and they wait until one is: \(text)")
  }

  /// Asks the queue if it is time. Returns whether the tasks are those of now.
  private func ask() async -> Bool {
    if let asked, ContinuousClock.now - asked < SlurmFleet.period { return false }
    do {
      let now = try await queue.tasks(of: name(of: run))
      tasks = Dictionary(now.map { ("\($0.job)/\($0.index)", $0) }) { first, _ in first }
      if isSilent { told.append("Slurm answers again") }
      (isSilent, asked) = (false, .now)
      return true
    } catch {
      // Slurm's own program has tried for some seconds.
      if !isSilent { told.append("Slurm does not answer: \(error); what runs goes on") }
      (isSilent, asked) = (true, .now)
      return false
    }
  }
}

extension SlurmQueue.Task {
  /// Whether nothing of it runs or will run.
  var isOver: Bool {
    [
      "CANCELLED", "COMPLETED", "FAILED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL", "DEADLINE", "PREEMPTED",
      "REVOKED",
    ].contains(state)
  }
}
