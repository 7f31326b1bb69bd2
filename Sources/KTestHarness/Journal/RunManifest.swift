import KTestGuests
package import KTestValues

/// Everything needed to repeat a run: `manifest.json` of its directory. docs/journal.md has shapes and units.
package struct RunManifest: Codable, Sendable, Equatable {
  package static let currentSchema = 1

  /// The schema version; a reader refuses a greater one.
  package var schema = RunManifest.currentSchema
  /// The run's name, which the journal sets when it creates the directory.
  package var run = ""
  /// The version of ktest.
  package var ktest: String
  /// The start time in ISO 8601, UTC, milliseconds; set by the journal.
  package var started = ""
  /// The command line as given, without the program's name.
  package var arguments: [String]
  /// The patterns that selected cases; empty for all.
  package var selection: [String] = []
  package var suites: [Suite]
  package var kernels: [Kernel]
  /// One image for each suite on each kernel that boots; nil in manifests that were written before ktest recorded it.
  package var images: [Image]?
  /// The suite parameters, `--set KEY=VALUE`.
  package var parameters: [String: String] = [:]
  package var accelerator: Accelerator
  /// The value of `--clock`; nil if it was not given.
  package var clock: GuestClock?
  /// Whether each function's instructions were counted, `--functions`; nil if not, and in manifests of earlier versions.
  package var functions: Bool?
  /// Whether `--isolate` was given; nil in manifests of earlier versions.
  package var isolatesCases: Bool?
  /// How many guests could be up at a time, `--guests`; nil for one, and in manifests of earlier versions.
  package var guests: GuestCount?
  /// How often the run repeats its cases, and what ends it; nil for a run like any other.
  package var course: RunCourse?
  /// What keeps the guests busy beside each case; nil for nothing.
  package var load: GuestLoad?
  /// The planted bug that the run is a drill of; nil for other runs. Its results are no part of any history.
  package var drill: String?
  /// The planned command line of each suite on each kernel that boots; nil in manifests of earlier versions.
  package var commandLines: [CommandLine]?
  /// One entry for each boot that has started. Only earlier versions have written it: it comes from the events.
  package var boots: [Boot] = []
  /// Which host ran what, if the run was one of `--on`; nil for others. It comes from the events, too.
  package var workers: [AnsweredGroup]?
  /// The version of QEMU, for example `7.2.22`; nil if no guest was needed. In a run of `--on` it, the next and the accelerator
  /// are those of the first host, and come from the events.
  package var qemu: String?
  package var libvirt: String?
  package var host: Host
  /// The seeds of all random numbers, by their purpose.
  package var seeds: [String: UInt64] = [:]
  /// The purpose of the seed of `--shuffle`.
  package static let shuffle = "shuffle"

  package init(
    ktest: String, arguments: [String], suites: [Suite], kernels: [Kernel], accelerator: Accelerator, host: Host
  ) {
    self.ktest = ktest
    self.arguments = arguments
    self.suites = suites
    self.kernels = kernels
    self.accelerator = accelerator
    self.host = host
  }

  package struct Suite: Codable, Sendable, Equatable {
    package var name: String
    /// The path that it was read from.
    package var path: String
    /// The copy inside the run's directory; set by the journal.
    package var file = ""
    /// The SHA-256 of the suite's text, in hexadecimal.
    package var sha256: String
    /// The name of its image recipe; nil if it needs none.
    package var image: String?
    /// The content hash of the booted image.
    package var imageHash: String?
    /// The clock of its guests; nil in manifests of earlier versions, whose guests followed the host's time.
    package var clock: GuestClock?

    package init(
      name: String, path: String, sha256: String, image: String? = nil, imageHash: String? = nil,
      clock: GuestClock? = nil
    ) {
      self.name = name
      self.path = path
      self.sha256 = sha256
      self.image = image
      self.imageHash = imageHash
      self.clock = clock
    }
  }

  package struct Accelerator: Codable, Sendable, Equatable {
    /// The value of `--accel`.
    package var asked: String
    /// The accelerator of the guests; nil while it is unknown.
    package var used: String?
    /// The guest's processor in libvirt's words; nil in manifests of earlier versions.
    package var processor: String?

    package init(asked: String, used: String? = nil, processor: String? = nil) {
      self.asked = asked
      self.used = used
      self.processor = processor
    }
  }

  package struct CommandLine: Codable, Sendable, Equatable {
    package var suite: String
    package var kernel: String
    package var commandLine: String

    package init(suite: String, kernel: String, commandLine: String) {
      (self.suite, self.kernel, self.commandLine) = (suite, kernel, commandLine)
    }
  }

  package struct Boot: Codable, Sendable, Equatable {
    package var boot: Int
    package var suite: String
    package var kernel: String
    /// The kernel's command line.
    package var commandLine: String

    package init(boot: Int, suite: String, kernel: String, commandLine: String) {
      self.boot = boot
      self.suite = suite
      self.kernel = kernel
      self.commandLine = commandLine
    }
  }

  package struct Host: Codable, Sendable, Equatable {
    package var cpus: Int
    /// The memory in bytes.
    package var memory: UInt64
    /// The release of the host's kernel.
    package var kernel: String

    package init(cpus: Int, memory: UInt64, kernel: String) {
      self.cpus = cpus
      self.memory = memory
      self.kernel = kernel
    }
  }
}
