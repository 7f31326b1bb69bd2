import KTestHost
import KTestValues

/// Slurm's programs, as one run uses them. Every word that Slurm says is read in a format that was asked for.
struct SlurmQueue: Sendable {
  var partition: String?

  /// A node of the partition.
  struct Node: Sendable, Equatable {
    var name: String
    var processors: Int
    /// In bytes.
    var memory: UInt64
    var features: Set<String>
    /// Slurm's word without its marks, for example `idle`, `down`.
    var state: String
    /// The longest time of a task there in minutes; nil for any.
    var mostMinutes: Int?
    /// Why it is not in service, in its administrator's words; empty if nobody said.
    var remark = ""

    /// Whether it can ever run something without somebody's help.
    var isUsable: Bool {
      // The short words are those of sinfo's %t.
      ![
        "down", "drained", "drain", "draining", "drng", "fail", "failing", "failg", "unknown", "unk", "error", "futr",
        "inval",
      ].contains(state)
    }

    /// Whether it has what is needed, once it is idle.
    func fits(_ needs: GroupOrder.Needs) -> Bool {
      memory >> 20 >= UInt64(Request.memory(for: needs)) && (!needs.kvm || features.contains("kvm"))
    }
  }

  /// A task of an array in the queue.
  struct Task: Sendable, Equatable {
    var job: Int
    var index: Int
    /// Slurm's word, for example `PENDING`.
    var state: String
    /// Its nodes; empty while it waits.
    var nodes: String
    /// Why it waits, in Slurm's words.
    var reason: String
    /// How long it may run and has run, in seconds; nil for an unknown time, and one without a limit.
    var limit: Int?
    var seconds: Int?

    /// Whether Slurm has ended it because of its limit, or asked its worker to end, which it does a minute before and may do
    /// another minute earlier (sbatch(1)).
    var isOverTime: Bool {
      if state == "TIMEOUT" { return true }
      guard let limit, let seconds else { return false }
      return state == "COMPLETED" && seconds >= limit - 120
    }
  }

  /// What a batch asks for.
  struct Request: Sendable, Hashable {
    var processors: Int
    /// In MiB.
    var memory: Int
    var minutes: Int
    var constraint: String?
    var excluded: [String]

    /// What a task asks for in MiB: the worker itself takes something, too.
    static func memory(for needs: GroupOrder.Needs) -> Int { Int(needs.memory >> 20) + 256 }

    /// - Parameters:
    ///   - nodes: those of the partition.
    ///   - overtimes: how often its time was over before.
    init(for attempt: Attempt, on nodes: [Node], overtimes: Int = 0) {
      let needs = attempt.order.needs
      let fit = nodes.filter { $0.fits(needs) }
      let others = fit.filter { $0.isUsable && !attempt.avoided.contains($0.name) }
      processors = min(needs.processors, (others.isEmpty ? fit : others).map(\.processors).max() ?? 1)
      memory = Request.memory(for: needs)
      let wanted = (Int(attempt.order.mostSeconds / 60) + 2) << min(overtimes, 8)
      // A task that asks for more than its partition gives would wait for ever, and cases seldom take as long as they may.
      let limits = (others.isEmpty ? fit : others).map(\.mostMinutes)
      minutes = limits.contains(nil) ? wanted : min(wanted, limits.compactMap(\.self).max() ?? wanted)
      constraint = needs.kvm ? "kvm" : nil
      // If no other can run it, any will do.
      excluded = others.isEmpty ? [] : attempt.avoided.intersection(nodes.map(\.name)).sorted()
    }
  }

  /// Returns the nodes of the partition.
  ///
  /// - Throws: ``FleetProblem``.
  func nodes() async throws -> [Node] {
    SlurmQueue.nodes(
      in: try await read("sinfo", ["--noheader", "--Node", "--format=%N|%c|%m|%f|%t|%P|%l|%E"] + partitionOption),
      ofDefault: partition == nil)
  }

  /// - Parameter ofDefault: whether only nodes of the default partition count, which Slurm marks by a star.
  static func nodes(in text: String, ofDefault: Bool) -> [Node] {
    var nodes: [Node] = []
    for line in text.split(separator: "\n") {
      let words = line.split(separator: "|", maxSplits: 7, omittingEmptySubsequences: false).map(String.init)
      guard words.count == 8, let processors = Int(words[1].filter(\.isNumber)),
        let megabytes = UInt64(words[2].filter(\.isNumber)), megabytes < 1 << 40, !ofDefault || words[5].hasSuffix("*"),
        !nodes.contains(where: { $0.name == words[0] })
      else { continue }
      let features = words[3] == "(null)" ? [] : Set(words[3].split(separator: ",").map(String.init))
      nodes.append(
        Node(
          name: words[0], processors: processors, memory: megabytes << 20, features: features,
          state: words[4].filter { $0.isLetter }.lowercased(), mostMinutes: seconds(in: words[6]).map { $0 / 60 },
          remark: words[7] == "none" ? "" : words[7]))
    }
    return nodes
  }

  /// Returns the tasks of a run that have not left the queue.
  ///
  /// - Throws: ``FleetProblem``.
  func tasks(of name: String) async throws -> [Task] {
    SlurmQueue.tasks(
      in: try await read(
        "squeue", ["--me", "--noheader", "--array", "--states=all", "--name=\(name)", "--format=%F|%K|%T|%N|%l|%M|%r"]))
  }

  /// Returns whether this user has anything in the queue, of whatever run or program.
  ///
  /// - Throws: ``FleetProblem`` if Slurm does not answer.
  func isCrowded() async throws -> Bool {
    !(try await read("squeue", ["--me", "--noheader", "--format=%A"])).allSatisfy(\.isWhitespace)
  }

  /// Returns the seconds of a time as Slurm writes it: `D-HH:MM:SS`, `HH:MM:SS`, `MM:SS`; nil for `infinite` and the like.
  static func seconds(in text: String) -> Int? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, let clock = parts.last else { return nil }
    var seconds = 0
    let numbers = clock.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count <= 3, numbers.count == 3 || (numbers.count == 2 && parts.count == 1) else { return nil }
    for number in numbers {
      guard let number, (0...99_999).contains(number) else { return nil }
      seconds = seconds * 60 + number
    }
    guard parts.count == 2 else { return seconds }
    guard let days = Int(parts[0]), (0...99_999).contains(days) else { return nil }
    return days * 86_400 + seconds
  }

  static func tasks(in text: String) -> [Task] {
    text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: "|", maxSplits: 6, omittingEmptySubsequences: false).map(String.init)
      guard words.count == 7, let job = Int(words[0]), let index = Int(words[1]) else { return nil }
      return Task(
        job: job, index: index, state: words[2], nodes: words[3], reason: words[6], limit: seconds(in: words[4]),
        seconds: seconds(in: words[5]))
    }
  }

  /// Submits an array of `count` tasks, each of which runs the command with its index in the environment.
  ///
  /// - Parameter folder: of the batch; a task's output goes into its index's folder in it.
  /// - Returns: the job's number.
  /// - Throws: ``FleetProblem``.
  func submit(
    _ command: [String], script: String, name: String, count: Int, _ request: Request, folder: String
  ) async throws -> Int {
    var options = [
      "--parsable", "--job-name=\(name)", "--array=0-\(count - 1)", "--nodes=1", "--ntasks=1",
      "--cpus-per-task=\(request.processors)", "--mem=\(request.memory)M", "--time=\(request.minutes)",
      "--signal=B:TERM@60", "--requeue", "--open-mode=append", "--chdir=\(folder)", "--output=\(folder)/%a/log",
    ]
    options += partitionOption
    if let constraint = request.constraint { options.append("--constraint=\(constraint)") }
    if !request.excluded.isEmpty { options.append("--exclude=\(request.excluded.joined(separator: ","))") }
    let text = try await read("sbatch", options + [script] + command)
    guard let job = Int(text.prefix { $0.isNumber }) else {
      throw FleetProblem("sbatch gave no job's number but: \(text.prefix(200))")
    }
    return job
  }

  /// What to cancel.
  enum Choice: Sendable {
    case all(name: String)
    case tasks([(job: Int, index: Int)])

    /// A few hundred tasks fit on a command line in any case.
    var arguments: [[String]] {
      switch self {
      case .all(let name): return [["--me", "--name=\(name)"]]
      case .tasks(let tasks):
        return stride(from: 0, to: tasks.count, by: 200).map { start in
          tasks[start..<min(tasks.count, start + 200)].map { "\($0.job)_\($0.index)" }
        }
      }
    }
  }

  /// Takes tasks that wait out of the queue, and asks those that run to end: they get SIGTERM.
  func ask(toEnd choice: Choice) async {
    for some in choice.arguments {
      _ = try? await HostProgram("scancel", ["--state=PENDING"] + some).collect()
      // A job without steps has only its batch's own process.
      _ = try? await HostProgram("scancel", ["--full", "--signal=TERM"] + some).collect()
    }
  }

  /// Ends tasks, if need be by SIGKILL after Slurm's KillWait.
  func cancel(_ choice: Choice) async {
    for some in choice.arguments { _ = try? await HostProgram("scancel", some).collect() }
  }

  private var partitionOption: [String] { partition.map { ["--partition=\($0)"] } ?? [] }

  /// Jobs inherit it, and a token for submissions is of no use to them.
  private static let environment = HostProgram.plainMessages.merging(["KTEST_SUBMIT_TOKEN": nil]) { first, _ in first }

  private func read(_ program: String, _ arguments: [String]) async throws -> String {
    let result: HostProgramResult
    do {
      result = try await HostProgram(program, arguments, environment: SlurmQueue.environment).collect()
    } catch HostProgramFailure.missing(let name) {
      throw FleetProblem("--on slurm needs Slurm's program \(name), which is not installed here", isUsage: true)
    } catch let failure as HostProgramFailure {
      throw FleetProblem("\(failure)")
    }
    guard result.succeeded else { throw FleetProblem("\(program): \(result.reason)") }
    return result.text
  }
}
