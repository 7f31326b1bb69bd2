/// An error for the user. The command turns its kind into an exit code.
package struct Failure: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable, CaseIterable {
    /// A test, a build or a comparison failed.
    case failed
    /// The command line is wrong.
    case usage
    /// A file that was named is wrong or damaged.
    case data
    /// The harness or this host failed.
    case host
    /// Another ktest is at it.
    case busy
    case interrupted
  }

  package var kind: Kind
  package var description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  /// Converts any error. An error without a kind of its own gets `.host`.
  package init(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case is CancellationError: self.init(.interrupted, "interrupted")
    case let error as any ClassifiedError: self.init(error.failureKind, error.description)
    default: self.init(.host, "\(error)")
    }
  }
}

/// An error that knows what kind of failure it is.
package protocol ClassifiedError: Error, CustomStringConvertible {
  var failureKind: Failure.Kind { get }
}
