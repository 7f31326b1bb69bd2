package import KTestHost
import KTestValues

/// What a worker needs to build a kernel of one commit.
package struct BuildOrder: Codable, Sendable, Equatable {
  /// The source as the user named it.
  package var title: String
  /// What the user asked for; its source is the commit in ``source``.
  package var request: KernelBuildRequest
  package var source: CommitPacks
  /// What the host must have, so that all kernels of a search are of the same compiler.
  package var equipment: [String]
  /// The entry of the cache that it is for.
  package var entry: String

  package init(_ build: CommitBuild, source: CommitPacks) {
    (title, request, self.source) = ("\(build.request.source)", build.request, source)
    (equipment, entry) = (build.equipment, build.entry)
  }

  /// Why a host with this equipment builds nothing; nil if it may.
  package func refusal(with equipment: [String]) -> String? {
    let more = equipment.filter { !self.equipment.contains($0) }
    let less = self.equipment.filter { !equipment.contains($0) }
    guard !more.isEmpty || !less.isEmpty else { return nil }
    let has = more.isEmpty ? nil : "has \(more.joined(separator: ", "))"
    let lacks = less.isEmpty ? nil : "lacks \(less.joined(separator: ", "))"
    let both = [has, lacks].compactMap(\.self).joined(separator: " and ")
    return "it \(both): its kernels would not be those of the command's host"
  }

  /// A compiler takes some 250 MiB, and the last link some 2 GiB. A host that has fewer processors compiles fewer files at a time.
  package var needs: GroupOrder.Needs {
    let jobs = min(max(1, request.jobs), BuildOrder.mostJobs)
    return GroupOrder.Needs(memory: (2048 + 256 * UInt64(jobs)) << 20, processors: jobs)
  }

  /// The command's host may have more processors than those that build.
  static let mostJobs = 32

  /// A distribution's kernel takes an hour or two on few processors.
  static let mostSeconds = 6.0 * 3600

  func withFiles(_ path: (String) throws -> String) rethrows -> BuildOrder {
    var order = self
    order.source.files = try source.files.mapValues(path)
    return order
  }
}

/// What came of a build on another host.
package struct BuildEnd: Codable, Sendable, Equatable {
  /// The entry of the cache, whose files are in ``WorkFolder/kernel``; nil if there is no kernel.
  package var entry: String?
  package var news: BuildNews
  /// Why there is none, though the host did what it could.
  package var trouble: Trouble?

  package struct Trouble: Codable, Sendable, Equatable {
    package var kind: KernelBuildError.Kind
    package var text: String
  }

  /// - Parameter built: the kernel, which was copied to the folder.
  package init(_ built: BuiltKernel) { (entry, news) = (built.entry, BuildNews(built)) }

  /// Creates the end of a build that the source does not allow; returns nil for a failure that is only of this host.
  ///
  /// - Parameters:
  ///   - name: of the source here.
  ///   - title: what the user calls it.
  package init?(_ error: KernelBuildError, name: String, title: String) {
    news = BuildNews()
    let text = error.description.replacing(name, with: title)
    switch error.kind {
    case .host: return nil
    // Older commits have no such folder; the request is good for others.
    case .usage:
      guard case .noSelftests = error else { return nil }
      trouble = Trouble(kind: .configuration, text: text)
    case .configuration, .source: trouble = Trouble(kind: error.kind, text: text)
    }
  }
}
