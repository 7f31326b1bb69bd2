package import KTestValues

/// What a worker reads: its work, and the versions and options that hold for the whole run.
package struct WorkOrder: Codable, Sendable {
  /// The version of ktest that wrote it. A worker of another version refuses it.
  package var ktest: String
  /// The name of the run.
  package var run: String
  /// A word that the worker's answers repeat.
  package var word: String
  /// The name that the host has where the run was started; nil if only the host itself knows one.
  package var host: String?
  /// Its files have names in ``WorkFolder/files``.
  package var work: Work
  /// The values of the command line's options.
  package var guests: GuestWords

  /// `--accel`, `--time-factor` and `--channel`.
  package struct GuestWords: Codable, Sendable, Equatable {
    package var accelerator: String
    package var timeFactor: Double?
    package var channel: String

    package init(accelerator: String, timeFactor: Double?, channel: String) {
      (self.accelerator, self.timeFactor, self.channel) = (accelerator, timeFactor, channel)
    }
  }

  /// The part that every version of an order has.
  struct Head: Codable {
    var ktest: String
    var word: String?
  }
}

/// The worker's first answer: it runs.
package struct WorkStart: Codable, Sendable {
  /// The order's word.
  package var word: String
  package var facts: WorkerFacts
  package var process: WorkProcess

  package init(_ word: String, facts: WorkerFacts, process: WorkProcess) {
    (self.word, self.facts, self.process) = (word, facts, process)
  }
}

/// The worker's last answer, written when everything else is on the disk.
package struct WorkEnd: Codable, Sendable {
  /// The order's word.
  package var word: String
  /// The name of the run in the worker's folder; nil if it did not get that far.
  package var run: String?
  package var isInterrupted: Bool
  /// Why the host could not run it; nil if it did.
  package var failure: String?
  /// What came of a kernel that was to be built.
  package var built: BuildEnd?

  package init(_ word: String, run: String?, isInterrupted: Bool = false, failure: String? = nil) {
    self.word = word
    (self.run, self.isInterrupted, self.failure) = (run, isInterrupted, failure)
  }
}
