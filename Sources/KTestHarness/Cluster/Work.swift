import KTestHost
import KTestValues

/// What one worker does.
package enum Work: Codable, Sendable, Equatable {
  /// Runs cases in guests.
  case group(GroupOrder)
  /// Builds a kernel.
  case build(BuildOrder)

  package var group: GroupOrder? { if case .group(let order) = self { order } else { nil } }

  /// What it takes of the host that does it.
  package var needs: GroupOrder.Needs {
    switch self {
    case .group(let order): order.needs
    case .build(let order): order.needs
    }
  }

  /// The most seconds that it can take.
  var mostSeconds: Double {
    switch self {
    case .group(let order): order.mostSeconds
    case .build: BuildOrder.mostSeconds
    }
  }

  /// The round of the run that it is of.
  var round: Int { group?.round ?? 1 }

  /// Its number in the round.
  var number: Int { group?.number ?? 1 }

  /// A few words for people.
  var title: String {
    switch self {
    case .group(let order): order.title
    case .build(let order): "the build of \(order.title)"
    }
  }

  /// Returns the same with other paths of its files.
  package func withFiles(_ path: (String) throws -> String) rethrows -> Work {
    switch self {
    case .group(let order): .group(try order.withFiles(path))
    case .build(let order): .build(try order.withFiles(path))
    }
  }

  /// The paths of its files.
  package var files: Set<String> {
    switch self {
    case .group(let order): order.files
    case .build(let order): Set(order.source.files.values)
    }
  }
}
