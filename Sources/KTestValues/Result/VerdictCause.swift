/// Why a case or a boot has its verdict, or a case is skipped, as a value for programs. The sentence for people stands
/// beside it, and no program reads the sentence.
package struct VerdictCause: Sendable, Equatable {
  /// The most telling kind comes first: among findings of one verdict this order makes the headline.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// A panic, an oops, or a splat over which the kernel stopped. The name is its title.
    case fatalSplat
    /// The guest reset, powered off or panicked without a splat that explains it.
    case guestEnded
    /// The name is its title.
    case splat
    case timeout
    /// A failure of ktest, libvirt, QEMU or the image.
    case harness
    /// The kernel's log is silent or cannot be trusted.
    case kernelLog
    /// A process cannot be killed.
    case leftover
    /// The test bailed out with a reason.
    case bailOut
    /// The program's exit status or signal.
    case program
    case module
    /// Output beyond the limit was dropped.
    case outputLimit
    /// Results are missing, or contradict the test's own summary.
    case incomplete
    /// The test printed results and no plan.
    case planMissing
    /// The name is the first failed subtest's id.
    case subtest
    /// Fewer or more subtests were executed than the suite requires.
    case vacuous
    /// A subtest was skipped without a known reason. The names are the subtests' ids; none for the test as a whole.
    case unknownSkip
    /// A message was expected and did not come, or came too often. The name is its pattern.
    case kernelMessage
    /// The name is the metric's, where it is about one.
    case metric
    /// The test skipped itself.
    case skipped
    /// A part of an artefact was left in the guest. It changes no verdict.
    case artefact
    /// The kernel's configuration lacks symbols: the names, each with `CONFIG_`.
    case missingConfiguration
    /// The kernel lacks modules: the names.
    case missingModule
    /// A parameter of the suite was not given: the name.
    case missingParameter
    /// In old journals: the image could not have a program of the case. The name is its path.
    case missingProgram
    /// The guest's processor lacks a feature: the name, as in `/proc/cpuinfo`.
    case missingProcessorFlag
    /// No host of `--on` has what the guest needs.
    case noHost
    /// A preparation of the suite failed.
    case setUp
    /// The source does not compile, or its configuration could not be made.
    case compiler
    /// More compiler warnings than the suite allows.
    case warnings
    case interrupted
    /// An earlier result ended the run, as was asked for.
    case notRun
    /// The case ran beside a load. It changes no verdict.
    case load
    /// A kind from a later version of ktest.
    case other

    package init(from decoder: any Decoder) throws {
      self = Kind(rawValue: try decoder.singleValueContainer().decode(String.self)) ?? .other
    }

    var weight: Int { Kind.allCases.firstIndex(of: self == .planMissing ? .incomplete : self) ?? 0 }
  }

  package var kind: Kind
  /// The names of what it is about; the kind says of what.
  package var names: [String]
  /// The exit code of a program that exited.
  package var status: Int?
  /// The number of the signal that ended the program (signal(7) on x86).
  package var signal: Int?

  package init(_ kind: Kind, names: [String] = [], status: Int? = nil, signal: Int? = nil) {
    self.kind = kind
    self.names = names
    self.status = status
    self.signal = signal
  }
}

extension VerdictCause: Codable {
  enum CodingKeys: String, CodingKey { case kind, names, status, signal }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    kind = try values.decode(Kind.self, forKey: .kind)
    names = try values.decodeIfPresent([String].self, forKey: .names) ?? []
    status = try values.decodeIfPresent(Int.self, forKey: .status)
    signal = try values.decodeIfPresent(Int.self, forKey: .signal)
  }
}

/// A cause, and the sentence that tells it to a person.
package struct VerdictReason: Sendable, Equatable, CustomStringConvertible {
  package var cause: VerdictCause
  /// A person can act on it.
  package var text: String

  package init(_ cause: VerdictCause, _ text: String) {
    self.cause = cause
    self.text = text
  }

  package init(_ kind: VerdictCause.Kind, _ text: String, names: [String] = []) {
    self.init(VerdictCause(kind, names: names), text)
  }

  package var description: String { text }

  package static let interrupted = VerdictReason(.interrupted, "interrupted")
}
