/// Everything needed to run a run again: `manifest.json` of its directory. Shapes and units: docs/journal.md.
public struct RunManifest: Codable, Sendable, Equatable {
  public static let currentSchema = 1

  /// Version of the shape; a reader refuses a greater one.
  public var schema = RunManifest.currentSchema
  /// The run's name; the journal fills it in when it makes the directory.
  public var run = ""
  /// Version of ktest.
  public var ktest: String
  /// ISO 8601, UTC, milliseconds; the journal fills it in.
  public var started = ""
  /// The command line as it was given, without the program's name.
  public var arguments: [String]
  /// Case patterns that chose among the suites' cases; empty for all.
  public var selection: [String] = []
  public var suites: [Suite]
  public var kernels: [Kernel]
  /// One for each suite on each kernel that boots; nil in manifests that were written before ktest kept it.
  public var images: [Image]?
  /// Suite parameters, `--set KEY=VALUE`.
  public var parameters: [String: String] = [:]
  public var accelerator: Accelerator
  /// One for each planned boot.
  public var boots: [Boot] = []
  /// Version of QEMU, for example `7.2.22`; nil when no guest was needed.
  public var qemu: String?
  public var libvirt: String?
  public var host: Host
  /// Seeds of everything random, by what they are for.
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
    /// Where it was read from.
    public var path: String
    /// The copy inside the run's directory; the journal fills it in.
    public var file = ""
    /// SHA-256 of the suite's text, in hexadecimal.
    public var sha256: String
    /// Name of its image recipe; nil when it needs none.
    public var image: String?
    /// Content hash of the image that was booted.
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
    /// As given to `--accel`.
    public var asked: String
    /// What the guests ran under; nil while nobody knows.
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
    /// Bytes.
    public var memory: UInt64
    /// Release of the host's kernel.
    public var kernel: String

    public init(cpus: Int, memory: UInt64, kernel: String) {
      self.cpus = cpus
      self.memory = memory
      self.kernel = kernel
    }
  }
}
