/// A message from the agent to the host.
package enum GuestMessage: Equatable, Sendable {
  case hello(Hello)
  /// The result of loading a module; `error` is empty if it was loaded.
  case moduleLoaded(name: String, error: String)
  /// The answer to `prepare`: one sentence for each setting that could not be written.
  case prepared(failures: [String])
  case caseStarted(id: UInt32)
  case output(id: UInt32, isError: Bool, bytes: [UInt8])
  /// A piece of a file; `isLast` marks the last one.
  case artefact(id: UInt32, name: String, bytes: [UInt8], isLast: Bool)
  case caseEnded(CaseEnd)
  /// A line for people about something that the agent could not do and continued without.
  case notice(String)
  /// The case has timed out. The agent waits for `stopCase`, at most as long as the request's patience.
  case caseLate(id: UInt32)
  /// The answer to `sysrq`: the kernel has handled the key. `failure` is empty, or says why it could not.
  case sysrqDone(key: UInt8, failure: String)
  /// The files that were left in the guest; sent after the artefacts of a case.
  case artefactNotes(id: UInt32, [ArtefactNote])
  /// Lines of the kernel log from the kernel's own records, in the format of the console; lines from programs are left
  /// out. `key` is that of the case's ``CaseSecrets``.
  case kernelLog(id: UInt32, key: UInt64, bytes: [UInt8])

  package var frame: Frame {
    var writer = ByteWriter()
    let type: UInt8
    switch self {
    case .hello(let hello):
      type = 65
      hello.write(to: &writer)
    case .moduleLoaded(let name, let error):
      type = 66
      writer.put(name)
      writer.put(error)
    case .prepared(let failures):
      type = 67
      writer.put(failures) { $0.put($1) }
    case .caseStarted(let id):
      type = 68
      writer.put(id)
    case .output(let id, let isError, let bytes):
      type = 69
      writer.put(id)
      writer.put(isError)
      writer.put(bytes)
    case .artefact(let id, let name, let bytes, let isLast):
      type = 70
      writer.put(id)
      writer.put(name)
      writer.put(bytes)
      writer.put(isLast)
    case .caseEnded(let end):
      type = 71
      end.write(to: &writer)
    case .notice(let text):
      type = 72
      writer.put(text)
    case .caseLate(let id):
      type = 73
      writer.put(id)
    case .sysrqDone(let key, let failure):
      type = 74
      writer.put(key)
      writer.put(failure)
    case .artefactNotes(let id, let notes):
      type = 76
      writer.put(id)
      writer.put(notes) { $1.write(to: &$0) }
    case .kernelLog(let id, let key, let bytes):
      type = 75
      writer.put(id)
      writer.put(key)
      writer.put(bytes)
    }
    return Frame(type: type, payload: writer.bytes)
  }

  package init(frame: Frame) throws(FrameError) {
    var reader = ByteReader(frame.payload)
    switch frame.type {
    case 65: self = .hello(try Hello(from: &reader))
    case 66: self = .moduleLoaded(name: try reader.string(), error: try reader.string())
    case 67: self = .prepared(failures: try reader.list { (reader) throws(FrameError) in try reader.string() })
    case 68: self = .caseStarted(id: try reader.integer())
    case 69: self = .output(id: try reader.integer(), isError: try reader.bool(), bytes: try reader.blob())
    case 70:
      self = .artefact(
        id: try reader.integer(), name: try reader.string(), bytes: try reader.blob(), isLast: try reader.bool())
    case 71: self = .caseEnded(try CaseEnd(from: &reader))
    case 72: self = .notice(try reader.string())
    case 73: self = .caseLate(id: try reader.integer())
    case 74: self = .sysrqDone(key: try reader.integer(), failure: try reader.string())
    case 76:
      self = .artefactNotes(
        id: try reader.integer(),
        try reader.list { (reader) throws(FrameError) in try ArtefactNote(from: &reader) })
    case 75: self = .kernelLog(id: try reader.integer(), key: try reader.integer(), bytes: try reader.blob())
    default: throw .unknownType(frame.type)
    }
    guard reader.isAtEnd else { throw .trailingBytes(type: frame.type) }
  }
}

/// The agent's first message.
package struct Hello: Equatable, Sendable {
  /// The protocol version. Both sides must be of one build; the number changes with every change of a message.
  package static let currentVersion: UInt32 = 6

  package var version: UInt32
  /// The `uname -r` of the running kernel.
  package var release: String
  /// The milliseconds since the kernel started, by its own clock.
  package var uptimeMilliseconds: UInt64
  /// The first processor's feature flags, from `/proc/cpuinfo`.
  package var cpuFlags: [String]
  /// The channel: `virtio` or `serial`.
  package var channel: String
  /// The reason why the agent cannot read and write the kernel log, or empty.
  package var logFailure: String
  /// `/proc/cmdline`, without its line end.
  package var commandLine: String

  package init(
    version: UInt32, release: String, uptimeMilliseconds: UInt64, cpuFlags: [String], channel: String,
    logFailure: String = "", commandLine: String = ""
  ) {
    self.version = version
    self.release = release
    self.uptimeMilliseconds = uptimeMilliseconds
    self.cpuFlags = cpuFlags
    self.channel = channel
    self.logFailure = logFailure
    self.commandLine = commandLine
  }

  func write(to writer: inout ByteWriter) {
    writer.put(version)
    writer.put(release)
    writer.put(uptimeMilliseconds)
    writer.put(cpuFlags) { $0.put($1) }
    writer.put(channel)
    writer.put(logFailure)
    writer.put(commandLine)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(
      version: try reader.integer(), release: try reader.string(), uptimeMilliseconds: try reader.integer(),
      cpuFlags: try reader.list { (reader) throws(FrameError) in try reader.string() }, channel: try reader.string(),
      logFailure: try reader.string(), commandLine: try reader.string())
  }
}
