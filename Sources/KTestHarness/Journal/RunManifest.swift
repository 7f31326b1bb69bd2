/// Everything needed to repeat a run: `manifest.json` of its directory. docs/journal.md has shapes and units.
public struct RunManifest: Codable, Sendable, Equatable {
  public static let currentSchema = 1

  /// The schema version; a reader refuses a greater one.
  public var schema = RunManifest.currentSchema
  /// The run's name, which the journal sets when it creates the directory.
  public var run = ""
  /// The version of ktest.
  public var ktest: String
  /// The start time in ISO 8601, UTC, milliseconds; set by the journal.
  public var started = ""
  /// The command line as given, without the program's name.
  public var arguments: [String]
  /// The patterns that selected cases; empty for all.
  public var selection: [String] = []
  public var suites: [Suite]
  public var kernels: [Kernel]
  /// One image for each suite on each kernel that boots; nil in manifests that were written before ktest recorded it.
  public var images: [Image]?
  /// The suite parameters, `--set KEY=VALUE`.
  public var parameters: [String: String] = [:]
  public var accelerator: Accelerator
  /// One entry for each planned boot.
  public var boots: [Boot] = []
  /// The version of QEMU, for example `7.2.22`; nil if no guest was needed.
  public var qemu: String?
  public var libvirt: String?
  public var host: Host
  /// The seeds of all random numbers, by their purpose.
  public var seeds: [String: UInt64] = [:]

  public init(
    ktest: String, arguments: [String], suites: [Suite], kernels: [Kernel], accelerator: Accelerator, host: Host
  ) {
    self.ktest = ktest
    self.arguments = arguments
    self.suites = suites
    self.kernels = kernels
    self.accelerator = accelerator
    self.host = host
  }

  public struct Suite: Codable, Sendable, Equatable {
    public var name: String
    /// The path that it was read from.
    public var path: String
    /// The copy inside the run's directory; set by the journal.
    public var file = ""
    /// The SHA-256 of the suite's text, in hexadecimal.
    public var sha256: String
    /// The name of its image recipe; nil if it needs none.
    public var image: String?
    /// The content hash of the booted image.
    public var imageHash: String?

    public init(name: String, path: String, sha256: String, image: String? = nil, imageHash: String? = nil) {
      self.name = name
      self.path = path
      self.sha256 = sha256
      self.image = image
      self.imageHash = imageHash
    }
  }

  public struct Accelerator: Codable, Sendable, Equatable {
    /// The value of `--accel`.
    public var asked: String
    /// The accelerator of the guests; nil while it is unknown.
    public var used: String?

    public init(asked: String, used: String? = nil) {
      self.asked = asked
      self.used = used
    }
  }

  public struct Boot: Codable, Sendable, Equatable {
    public var boot: Int
    public var suite: String
    public var kernel: String
    /// The kernel's command line.
    public var commandLine: String

    public init(boot: Int, suite: String, kernel: String, commandLine: String) {
      self.boot = boot
      self.suite = suite
      self.kernel = kernel
      self.commandLine = commandLine
    }
  }

  public struct Host: Codable, Sendable, Equatable {
    public var cpus: Int
    /// The memory in bytes.
    public var memory: UInt64
    /// The release of the host's kernel.
    public var kernel: String

    public init(cpus: Int, memory: UInt64, kernel: String) {
      self.cpus = cpus
      self.memory = memory
      self.kernel = kernel
    }
  }
}
