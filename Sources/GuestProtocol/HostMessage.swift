/// What the host asks of the agent.
public enum HostMessage: Equatable, Sendable {
  /// Load modules, in order; answered by one ``GuestMessage/moduleLoaded(name:error:)`` for each.
  case loadModules([ModuleLoad])
  /// Set up the guest: files such as `/sys/…` that get a value written; answered by ``GuestMessage/prepared(failures:)``.
  case prepare([SettingWrite])
  /// Run one case; answered by `caseStarted`, any number of `output`, `artefact`, and one `caseEnded`.
  case runCase(CaseRequest)
  /// End the case that runs, gracefully first.
  case stopCase(id: UInt32)
  /// Write one character to `/proc/sysrq-trigger`; answered by ``GuestMessage/sysrqDone(key:failure:)``.
  case sysrq(UInt8)
  /// Selftest only: the agent ends, as if it had crashed. PID 1 ending makes the kernel panic.
  case exitAgent
  case powerOff
  /// Write the boot's first line, ``Marker/ready``, into the kernel log.
  case ready(token: String)

  public var frame: Frame {
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
    }
    return Frame(type: type, payload: writer.bytes)
  }

  public init(frame: Frame) throws(FrameError) {
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
    default: throw .unknownType(frame.type)
    }
    guard reader.isAtEnd else { throw .trailingBytes(type: frame.type) }
  }
}

/// One module file inside the guest and the parameters to give it.
public struct ModuleLoad: Equatable, Sendable {
  public var name: String
  public var path: String
  /// As on a `modprobe` line: `spm_addr_dev0=0x40000000 spm_addr_dev1=0x50000000`.
  public var parameters: String

  public init(name: String, path: String, parameters: String = "") {
    self.name = name
    self.path = path
    self.parameters = parameters
  }

  func write(to writer: inout ByteWriter) {
    writer.put(name)
    writer.put(path)
    writer.put(parameters)
  }

  init(from reader: inout ByteReader) throws(FrameError) {
    self.init(name: try reader.string(), path: try reader.string(), parameters: try reader.string())
  }
}

/// A value to write to a file of procfs or sysfs before the first case.
public struct SettingWrite: Equatable, Sendable {
  public var path: String
  public var value: String

  public init(path: String, value: String) {
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

/// One case as the agent runs it: its own session, its own limits, its own empty working directory.
public struct CaseRequest: Equatable, Sendable {
  /// Number of the case within the boot; repeated in every answer.
  public var id: UInt32
  public var name: String
  public var arguments: [String]
  /// `NAME=value` lines, added to the agent's own environment.
  public var environment: [String]
  /// After this many milliseconds of guest time the case is ended.
  public var timeoutMilliseconds: UInt64
  /// How long the agent waits, once the time is up, for the host to say ``HostMessage/stopCase(id:)``: the host looks into
  /// what hangs meanwhile. 0: the case is ended at once.
  public var patienceMilliseconds: UInt64
  /// Bytes of memory for all processes of the case together; 0 for no limit.
  public var memoryLimit: UInt64
  /// Bytes of stdout and stderr that are passed on; what comes after is counted and dropped. 0 for no limit.
  public var outputLimit: UInt64
  /// Names or `*` patterns, relative to the working directory, of files to bring back.
  public var artefacts: [String]
  public var secrets: CaseSecrets

  public init(
    id: UInt32, name: String, arguments: [String], environment: [String] = [], timeoutMilliseconds: UInt64,
    patienceMilliseconds: UInt64 = 0, memoryLimit: UInt64 = 0, outputLimit: UInt64 = 0, artefacts: [String] = [],
    secrets: CaseSecrets = CaseSecrets()
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
      artefacts: try strings(&reader), secrets: try CaseSecrets(from: &reader))
  }
}
