import KTestHost
import KTestValues

/// Builds kernels on other hosts.
protocol RemoteBuilder: Sendable {
  /// - Parameters:
  ///   - hosts: get the order only if no other can build it.
  ///   - progress: gets what there is to tell, and where it is built.
  ///   - take: gets the folder with the finished kernel, which is gone afterwards.
  /// - Throws: `FleetProblem`, `CancellationError`, and what `take` throws.
  func build(
    _ order: BuildOrder, avoiding hosts: Set<String>, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    take: @escaping @Sendable (WorkFolder) async throws -> BuiltKernel
  ) async throws -> RemoteBuild
}

/// What came of it.
enum RemoteBuild: Sendable {
  case built(BuiltKernel, host: String)
  /// The source cannot be built as it was asked for.
  case failed(BuildEnd.Trouble, host: String)
  /// None of these hosts could build it. Why is for people.
  case nowhere(String, hosts: Set<String>)
}

extension Dispatcher: RemoteBuilder {
  func build(
    _ order: BuildOrder, avoiding hosts: Set<String>, progress: @escaping @Sendable (KernelBuildProgress) -> Void,
    take: @escaping @Sendable (WorkFolder) async throws -> BuiltKernel
  ) async throws -> RemoteBuild {
    let result = BuildResult()
    try await perform(
      [.build(order)], of: "build-\(Attempt.newWord())", avoiding: hosts,
      say: { news in
        switch news {
        case .notice(let text): progress(.note(text))
        case .underWay(let lines):
          guard let line = lines.first, await result.isNew(line) else { return }
          progress(.step(line))
        }
      },
      take: { answer in
        switch answer.outcome {
        case .built(let worker, let end, let folder):
          if let trouble = end.trouble { return await result.set(.failed(trouble, host: worker.name)) }
          await result.set(.built(try await take(folder), host: worker.name))
        case .refused(let why), .lost(let why), .cut(_, _, let why):
          await result.set(.nowhere(why.text, hosts: Set(answer.losses.map(\.host))))
        // A worker that ran cases has not read its order.
        case .ran(let worker, _):
          await result.set(.nowhere("\(worker.name) has not understood the order", hosts: [worker.name]))
        }
      })
    try Task.checkCancellation()
    return await result.value ?? .nowhere("no host has answered", hosts: [])
  }
}

private actor BuildResult {
  private(set) var value: RemoteBuild?
  private var told = ""

  func set(_ value: RemoteBuild) { self.value = value }

  func isNew(_ line: String) -> Bool {
    defer { told = line }
    return told != line
  }
}
