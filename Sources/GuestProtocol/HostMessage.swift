/// A message from the host to the agent.
package enum HostMessage: Equatable, Sendable {
  /// Loads modules in order; answered by one ``GuestMessage/moduleLoaded(name:error:)`` for each.
  case loadModules([ModuleLoad])
  /// Sets up the guest by writing values to files such as `/sys/…`; answered by ``GuestMessage/prepared(failures:)``.
  case prepare([SettingWrite])
  /// Runs one case; answered by `caseStarted`, any number of `output` and `artefact`, and one `caseEnded`.
  case runCase(CaseRequest)
  /// Ends the running case, gracefully first.
  case stopCase(id: UInt32)
  /// Gives the running case more time, as the answer to ``GuestMessage/caseLate(id:)``.
  case continueCase(id: UInt32, milliseconds: UInt64)
  /// Writes one character to `/proc/sysrq-trigger`; answered by ``GuestMessage/sysrqDone(key:failure:)``.
  case sysrq(UInt8)
  /// Makes the agent end as if it had crashed, for the selftest. The kernel panics when PID 1 ends.
  case exitAgent
  case powerOff
  /// Writes ``Marker/ready`` to the kernel log: the boot's first line, and the one before a case's modules are loaded.
  case ready(token: String)
  /// Tells a clone that it is one, before anything else; answered by a ``GuestMessage/hello(_:)`` of its own. Its random
  /// numbers must not be those of its siblings, and its clock stands where its template was stopped.
  ///
  /// - Parameters:
  ///   - entropy: random bytes that no other clone gets.
  ///   - nanoseconds: the host's time since 1970-01-01, UTC.
  case wake(entropy: [UInt8], nanoseconds: UInt64)

  package var frame: Frame {
    var writer = ByteWriter()
    let type: UInt8
    switch self {
    case .loadModules(let modules):
      type = 1
      writer.put(modules) { $1.write(to: &$0) }
    case .prepare(let settings):
      type = 2
      writer.put(settings) { $1.write(to: &$0) }
    case .runCase(let request):
      type = 3
      request.write(to: &writer)
    case .stopCase(let id):
      type = 4
      writer.put(id)
    case .sysrq(let key):
      type = 5
      writer.put(key)
    case .exitAgent: type = 6
    case .powerOff: type = 7
    case .ready(let token):
      type = 8
      writer.put(token)
    case .continueCase(let id, let milliseconds):
      type = 9
      writer.put(id)
      writer.put(milliseconds)
    case .wake(let entropy, let nanoseconds):
      type = 10
      writer.put(entropy)
      writer.put(nanoseconds)
    }
    return Frame(type: type, payload: writer.bytes)
  }

  package init(frame: Frame) throws(FrameError) {
    var reader = ByteReader(frame.payload)
    switch frame.type {
    case 1: self = .loadModules(try reader.list { (reader) throws(FrameError) in try ModuleLoad(from: &reader) })
    case 2: self = .prepare(try reader.list { (reader) throws(FrameError) in try SettingWrite(from: &reader) })
    case 3: self = .runCase(try CaseRequest(from: &reader))
    case 4: self = .stopCase(id: try reader.integer())
    case 5: self = .sysrq(try reader.integer())
    case 6: self = .exitAgent
    case 7: self = .powerOff
    case 8: self = .ready(token: try reader.string())
    case 9: self = .continueCase(id: try reader.integer(), milliseconds: try reader.integer())
    case 10: self = .wake(entropy: try reader.blob(), nanoseconds: try reader.integer())
    default: throw .unknownType(frame.type)
    }
    guard reader.isAtEnd else { throw .trailingBytes(type: frame.type) }
  }
}

/// A module file inside the guest with its parameters.
package struct ModuleLoad: Equatable, Sendable {
  package var name: String
  package var path: String
  /// The parameters as on a `modprobe` line: `spm_addr_dev0=0x40000000 spm_addr_dev1=0x50000000`.
  package var parameters: String
  /// Whether the kernel may refuse it.
  package var isOptional: Bool

  package init(name: String, path: String, parameters: String = "", isOptional: Bool = false) {
    self.name = name
    self.path = path
    self.parameters = parameters
    self.isOptional = isOptional
  }

  func write(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(path)
    writer.put(parameters)
    writer.put(isOptional)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(
      name: try reader.string(), path: try reader.string(), parameters: try reader.string(),
      isOptional: try reader.bool())
  }
}

/// A value to write to a file of procfs or sysfs before the first case.
package struct SettingWrite: Equatable, Sendable {
  package var path: String
  package var value: String

  package init(path: String, value: String) {
    self.path = path
    self.value = value
  }

  func write(to writer: inout ByteWriter) {
    writer.put(path)
    writer.put(value)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(path: try reader.string(), value: try reader.string())
  }
}

/// A case as the agent runs it: with its own session, limits, and empty working directory.
package struct CaseRequest: Equatable, Sendable {
  /// The number of the case within the boot, which every answer repeats.
  package var id: UInt32
  package var name: String
  package var arguments: [String]
  /// `NAME=value` lines, which are added to the agent's own environment.
  package var environment: [String]
  /// The timeout in milliseconds of guest time.
  package var timeoutMilliseconds: UInt64
  /// The milliseconds that the agent waits after the timeout for ``HostMessage/stopCase(id:)``, while the host inspects
  /// the guest. With 0 the case is ended at once.
  package var patienceMilliseconds: UInt64
  /// The memory limit in bytes for all processes of the case together; 0 for no limit.
  package var memoryLimit: UInt64
  /// The number of bytes of stdout and stderr that are passed on; further output is counted and dropped. 0 for no
  /// limit.
  package var outputLimit: UInt64
  /// Names or `*` patterns of files to fetch, relative to the working directory.
  package var artefacts: [String]
  /// The one artefact that is not in the working directory: the kernel's symbols and their addresses.
  package static let kernelSymbols = "/proc/kallsyms"
  /// What runs beside it; nil for nothing.
  package var load: LoadRequest?
  package var secrets: CaseSecrets

  package init(
    id: UInt32, name: String, arguments: [String], environment: [String] = [], timeoutMilliseconds: UInt64,
    patienceMilliseconds: UInt64 = 0, memoryLimit: UInt64 = 0, outputLimit: UInt64 = 0, artefacts: [String] = [],
    load: LoadRequest? = nil, secrets: CaseSecrets = CaseSecrets()
  ) {
    self.id = id
    self.name = name
    self.arguments = arguments
    self.environment = environment
    self.timeoutMilliseconds = timeoutMilliseconds
    self.patienceMilliseconds = patienceMilliseconds
    self.memoryLimit = memoryLimit
    self.outputLimit = outputLimit
    self.artefacts = artefacts
    self.load = load
    self.secrets = secrets
  }

  func write(to writer: inout ByteWriter) {
    writer.put(id)
    writer.put(name)
    writer.put(arguments) { $0.put($1) }
    writer.put(environment) { $0.put($1) }
    writer.put(timeoutMilliseconds)
    writer.put(patienceMilliseconds)
    writer.put(memoryLimit)
    writer.put(outputLimit)
    writer.put(artefacts) { $0.put($1) }
    writer.put(load.map { [$0] } ?? []) { $1.write(to: &$0) }
    secrets.write(to: &writer)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    let strings = { (reader: inout ByteReader) throws(FrameError) in
      try reader.list { (reader) throws(FrameError) in try reader.string() }
    }
    self.init(
      id: try reader.integer(), name: try reader.string(), arguments: try strings(&reader),
      environment: try strings(&reader), timeoutMilliseconds: try reader.integer(),
      patienceMilliseconds: try reader.integer(), memoryLimit: try reader.integer(), outputLimit: try reader.integer(),
      artefacts: try strings(&reader),
      load: try reader.list { (reader) throws(FrameError) in try LoadRequest(from: &reader) }.last,
      secrets: try CaseSecrets(from: &reader))
  }
}
