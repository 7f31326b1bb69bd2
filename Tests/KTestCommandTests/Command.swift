import Foundation
import Subprocess
import SystemPackage
import Testing

/// The built `ktest`, which lies beside the test bundle.
enum Built {
  static let folder: String = {
    let executable = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    return URL(filePath: executable).deletingLastPathComponent().path
  }()

  static let ktest = "\(folder)/ktest"
  static let agent = "\(folder)/ktest-agent"
}

/// What a program left when it ended.
struct Outcome: CustomTestStringConvertible {
  var status: TerminationStatus
  var stdout: String
  var stderr: String

  /// nil when a signal ended it.
  var code: Int32? {
    if case .exited(let code) = status { return code }
    return nil
  }

  /// The signal that ended it; nil when it ended by itself.
  var signal: Int32? {
    if case .signaled(let signal) = status { return signal }
    return nil
  }

  /// Messages for the user: one failure is one of them, however many lines it has. That guests were ended which a killed run
  /// had left behind is none of the command's own: other tests share the cache, and some kill ktest.
  var messages: [Substring] {
    stderr.split(separator: "\n").filter { line in
      line.hasPrefix("ktest: ") && !(line.hasPrefix("ktest: ended the guest") && line.contains("killed run"))
    }
  }

  var testDescription: String { "\(status)\n--- stdout\n\(stdout)\n--- stderr\n\(stderr)" }
}

struct Late: Error, CustomStringConvertible { var description: String }

/// A program that runs.
struct Running: Sendable {
  let pid: Int32
  let stderr: String

  func signal(_ number: Int32) { kill(pid, number) }

  /// Waits until the program has written this text on stderr.
  func hasSaid(_ text: String) async throws {
    try await eventually("'\(text)' on stderr") {
      (try? String(contentsOfFile: stderr, encoding: .utf8))?.contains(text) == true
    }
  }
}

/// Looks at files and processes that cannot be waited for otherwise, until `condition` holds.
func eventually(_ what: String, seconds: Int = 180, _ condition: () throws -> Bool) async throws {
  let deadline = ContinuousClock.now + .seconds(seconds)
  while try !condition() {
    guard ContinuousClock.now < deadline else { throw Late(description: "waited \(seconds) s in vain for \(what)") }
    try await Task.sleep(for: .milliseconds(20))
  }
}

/// Runs a program to its end; `body` is done while it runs.
func execute(
  _ words: [String], in folder: String, environment: [String: String] = [:], stdout: FileDescriptor? = nil,
  while body: (Running) async throws -> Void = { _ in }
) async throws -> Outcome {
  let name = "\(folder)/.output-\(UInt32.random(in: 0 ... .max))"
  let output = try stdout ?? FileDescriptor.create("\(name).out")
  let errors = try FileDescriptor.create("\(name).err")
  let changes = environment.map { (Environment.Key(stringLiteral: $0.key), Optional($0.value)) }
  let result = try await run(
    words[0].contains("/") ? .path(FilePath(words[0])) : .name(words[0]),
    arguments: Arguments(Array(words.dropFirst())),
    environment: .inherit.updating(Dictionary(uniqueKeysWithValues: changes)), workingDirectory: FilePath(folder),
    input: .none, output: .fileDescriptor(output, closeAfterSpawningProcess: true),
    error: .fileDescriptor(errors, closeAfterSpawningProcess: true)
  ) { execution in
    try await body(Running(pid: execution.processIdentifier.value, stderr: "\(name).err"))
  }
  func text(_ file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }
  return Outcome(status: result.terminationStatus, stdout: text("\(name).out"), stderr: text("\(name).err"))
}

extension FileDescriptor {
  fileprivate static func create(_ path: String) throws -> FileDescriptor {
    try open(
      path, .writeOnly, options: [.create, .truncate, .closeOnExec],
      permissions: [.ownerReadWrite, .groupRead, .otherRead])
  }
}
