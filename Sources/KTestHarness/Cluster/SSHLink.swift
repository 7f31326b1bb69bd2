import KTestHost
import KTestValues

/// The way to one host: commands by ssh, files by rsync over it.
///
/// Host keys are checked as the user's configuration says, nothing is forwarded, and nobody is asked for a password.
struct SSHLink: Sendable {
  var host: SSHHosts.Host
  var configuration: String?
  var programs = Programs()

  /// What is called, by name or path.
  struct Programs: Sendable {
    var ssh = "ssh"
    var rsync = "rsync"
  }

  /// The host does not answer, or a command failed there.
  struct Failed: Error, Sendable, CustomStringConvertible {
    var description: String
    /// Whether ssh itself failed, and not the command.
    var isConnection: Bool
  }

  /// ssh exits so if it has an error of its own (ssh(1)).
  private static let ownError: Int32 = 255

  private var options: [String] {
    var options = [
      "-o", "BatchMode=yes", "-o", "ForwardAgent=no", "-o", "ForwardX11=no", "-o", "ClearAllForwardings=yes",
    ]
    options += ["-o", "ConnectTimeout=10", "-o", "ServerAliveInterval=5", "-o", "ServerAliveCountMax=3"]
    if let configuration { options = ["-F", configuration] + options }
    if let port = host.port { options += ["-p", "\(port)"] }
    return options
  }

  /// Runs a program there and returns its output. The words reach it through a shell: each is a path or an option that
  /// has no character of meaning to one, which ``SSHHosts`` has checked.
  ///
  /// - Parameter mayFail: whether the program's output counts although it failed.
  /// - Throws: ``Failed``, `CancellationError`.
  @discardableResult
  func run(_ words: [String], mayFail: Bool = false) async throws -> String {
    let result = try await start(programs.ssh, options + ["-T", host.target, "--"] + words)
    let isConnection = result.status == .exited(SSHLink.ownError)
    guard result.succeeded || (mayFail && !isConnection && !result.output.isEmpty) else {
      throw Failed(
        description: isConnection ? result.reason : "\(words.first ?? ""): \(result.reason)", isConnection: isConnection
      )
    }
    return result.text
  }

  /// Sends files or a folder's content, if the path ends with a slash, into a folder there.
  ///
  /// - Parameter keeps: whether files that are there already stay as they are.
  func send(_ path: String, to folder: String, keeps: Bool = false) async throws {
    try await rsync((keeps ? ["--ignore-existing"] : []) + [path, "\(rsyncTarget):\(folder)/"])
  }

  /// Brings a folder's content, without orders.
  ///
  /// - Returns: what rsync says of files that could not be read or written, where it has brought the others; nil if there
  ///   are none.
  func bring(_ folder: String, to path: String) async throws -> String? {
    do {
      try await rsync(["--exclude=order.json", "\(rsyncTarget):\(folder)/", "\(path)/"])
      return nil
    } catch let failure as Failed where !failure.isConnection {
      return failure.description
    }
  }

  private var rsyncTarget: String {
    let parts = host.target.split(separator: "@", maxSplits: 1).map(String.init)
    let address = parts.last ?? ""
    let quoted = address.contains(":") ? "[\(address)]" : address
    return parts.count == 2 ? "\(parts[0])@\(quoted)" : quoted
  }

  /// The command that rsync splits at blanks, unless they are in quotes.
  var remoteShell: String {
    ([programs.ssh] + options).map { word in
      word.contains(where: { " \"'".contains($0) }) ? "'" + word.replacing("'", with: "''") + "'" : word
    }.joined(separator: " ")
  }

  /// rsync exits so if a file that it has seen is gone when it is read (rsync(1)): a draft got its name meanwhile.
  private static let vanished: Int32 = 24
  /// rsync exits so if it could not transfer some files and has transferred the others.
  private static let partial: Int32 = 23

  private func rsync(_ arguments: [String]) async throws {
    let shell = remoteShell
    let result = try await start(
      programs.rsync,
      ["--recursive", "--times", "--perms", "--protect-args", "--timeout=60", "--rsh=\(shell)"] + arguments)
    guard result.status == .exited(0) || result.status == .exited(SSHLink.vanished) else {
      let isPartial = result.status == .exited(SSHLink.partial)
      // The first lines name the files; the last one only says that there were some.
      let reason = isPartial ? result.complaint.split(separator: "\n").prefix(2).joined(separator: "; ") : result.reason
      throw Failed(description: "rsync: \(reason)", isConnection: !isPartial)
    }
  }

  private func start(_ program: String, _ arguments: [String]) async throws -> HostProgramResult {
    do {
      return try await HostProgram(program, arguments, environment: HostProgram.plainMessages).collect()
    } catch HostProgramFailure.missing(let name) {
      throw FleetProblem(
        "--on with a file of hosts needs the program \(name), which is not installed here", isUsage: true)
    } catch let failure as HostProgramFailure {
      throw Failed(description: "\(failure)", isConnection: true)
    }
  }
}
