/// What a night tests, for how long, and whom it tells: a file such as `examples/night.yaml`.
package struct NightPlan: Sendable, Equatable {
  package struct Kernel: Sendable, Equatable {
    package enum Source: Sendable, Equatable {
      /// As for `--kernel`; a source is built.
      case named(String)
      /// The head of a branch of a git tree, fetched from a remote.
      case branch(tree: String, remote: String, branch: String)
    }

    /// The name in the night's record, by which nights are compared.
    package var name: String
    package var source: Source
    /// The start of the configuration, if it is built.
    package var base: String
    package var fragments: [String]
    /// Suites that it is configured for beside those that run on it.
    package var configuredFor: [String]

    package init(
      name: String, source: Source, base: String = "allnoconfig", fragments: [String] = [], configuredFor: [String] = []
    ) {
      (self.name, self.source, self.base) = (name, source, base)
      (self.fragments, self.configuredFor) = (fragments, configuredFor)
    }
  }

  package struct Suite: Sendable, Equatable {
    /// A name or a file.
    package var name: String
    /// Patterns of cases; empty for all.
    package var cases: [String]
    /// Cells of matrices, each `AXIS=VALUE`.
    package var cells: [String]
    package var tags: [String]
    package var parameters: [String: String]
    /// Names of kernels of the plan; empty for all.
    package var kernels: [String]

    package init(
      name: String, cases: [String] = [], cells: [String] = [], tags: [String] = [], parameters: [String: String] = [:],
      kernels: [String] = []
    ) {
      (self.name, self.cases, self.cells, self.tags) = (name, cases, cells, tags)
      (self.parameters, self.kernels) = (parameters, kernels)
    }

    package func runs(on kernel: String) -> Bool { kernels.isEmpty || kernels.contains(kernel) }
  }

  package struct Budget: Sendable, Equatable {
    package var time: DurationValue
    /// The most runs beside those that the plan wants.
    package var runs: Int
    package var searches: Int

    package init(time: DurationValue = .seconds(8 * 3600), runs: Int = 100, searches: Int = 1) {
      (self.time, self.runs, self.searches) = (time, runs, searches)
    }
  }

  /// Known bugs that are planted now and then, to see whether the night finds them.
  package struct Drills: Sendable, Equatable {
    /// One night in so many has a drill.
    package var every: Int
    /// Files with patches, which take turns.
    package var patches: [String]
    /// The name of the kernel that they are planted in.
    package var kernel: String

    package init(every: Int = 7, patches: [String], kernel: String) {
      (self.every, self.patches, self.kernel) = (every, patches, kernel)
    }
  }

  /// Another lab that publishes its results.
  package struct Lab: Sendable, Equatable {
    package var name: String
    /// The directory with its `results.json`.
    package var results: String

    package init(name: String, results: String) { (self.name, self.results) = (name, results) }
  }

  package struct Mail: Sendable, Equatable {
    package enum Way: Sendable, Equatable {
      /// It is written into this file.
      case file(String)
      /// It is given to this program, as to `sendmail -t`.
      case sendmail(String)
    }

    package var to: [String]
    package var way: Way

    package init(to: [String], way: Way) { (self.to, self.way) = (to, way) }
  }

  package var name: String
  package var kernels: [Kernel]
  package var suites: [Suite]
  package var budget: Budget
  package var drills: Drills?
  package var labs: [Lab] = []
  /// A file with failures that are excused.
  package var excuses: String?
  /// The directory of the pages.
  package var pages: String?
  package var mail: Mail?
  /// The file of the report for KCIDB.
  package var kcidb: String?

  package init(name: String, kernels: [Kernel], suites: [Suite], budget: Budget = Budget()) {
    (self.name, self.kernels, self.suites, self.budget) = (name, kernels, suites, budget)
  }
}
