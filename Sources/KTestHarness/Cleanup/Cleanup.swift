import Glibc
import KTestHost

/// What `ktest gc` has removed, or would remove.
package struct Cleanup: Sendable, Equatable {
  package struct Item: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
      /// Consoles, outputs and artefacts of a run.
      case run
      case kernel, build, source, image, part, leftover
      /// What other hosts get, by its content.
      case sent
    }

    package var kind: Kind
    package var name: String
    /// In seconds since 1970.
    package var lastUse: Int
    package var bytes: Int

    package init(kind: Kind, name: String, lastUse: Int, bytes: Int) {
      (self.kind, self.name, self.lastUse, self.bytes) = (kind, name, lastUse, bytes)
    }
  }

  /// The budget in bytes.
  package var budget: Int
  /// What the state directory and the cache took before.
  package var before: Int
  package var removed: [Item] = []
  /// What would have been next, but is in use or cannot be removed.
  package var held: [Item] = []
  /// Whether nothing was removed, because only the plan was asked for.
  package var isDry = false

  package var freed: Int { removed.reduce(0) { $0 + $1.bytes } }
  package var left: Int { before - freed }

  package init(budget: Int, before: Int, isDry: Bool = false) {
    (self.budget, self.before, self.isDry) = (budget, before, isDry)
  }

  /// Returns the items in the order in which they go: what was used longest ago comes first; of things of one hour, those of
  /// runs do, because reading them again is rare and making the others again takes time.
  package static func order(_ items: [Item]) -> [Int] {
    func rank(_ item: Item) -> (Int, Int, Int, String) {
      switch item.kind {
      case .leftover: (0, 0, item.lastUse, item.name)
      case .run: (item.lastUse / 3600, 0, item.lastUse, item.name)
      default: (item.lastUse / 3600, 1, item.lastUse, item.name)
      }
    }
    return items.indices.sorted { rank(items[$0]) < rank(items[$1]) }
  }

  /// Removes items in their order until the rest fits. `remove` returns whether one is gone.
  package mutating func reduce(_ items: [Item], _ remove: (Int) throws -> Bool) rethrows {
    for place in Cleanup.order(items) {
      guard left > budget || items[place].kind == .leftover else { continue }
      if try remove(place) { removed.append(items[place]) } else { held.append(items[place]) }
    }
  }
}

/// Makes the state directory and the cache fit into a budget: consoles, outputs and artefacts of runs, kernels, builds, sources
/// and images go, those first that were used longest ago. Verdicts stay, and so does what a running ktest uses.
/// - Parameter isDry: whether only the plan is made.
@concurrent
package func cleanUp(state: String, cache: String, budget: Int, isDry: Bool) async throws -> Cleanup {
  let runs = try listRuns(in: state).compactMap { RunLeavings(of: $0, in: state) }
  let builds = KernelBuildCache(root: cache)
  let shared = KernelBuildCache(root: "\(state)/elsewhere/shared").kernels.items
  let cached = builds.kernels.items + shared + builds.items + imageItems(cache: cache)
  try Task.checkCancellation()
  let folders = ["\(cache)/elsewhere", "\(state)/elsewhere/shared"].map { SharedFiles(root: $0) }
  let sent = folders.flatMap { folder in folder.items.map { (folder, $0) } }
  let before = DiskUsage.bytes(of: state) + (state == cache ? 0 : DiskUsage.bytes(of: cache))
  var cleanup = Cleanup(budget: budget, before: before, isDry: isDry)
  let items =
    runs.map { Cleanup.Item(kind: .run, name: $0.run, lastUse: $0.ended, bytes: $0.bytes) }
    + cached.map { Cleanup.Item(kind: .init($0.kind), name: $0.name, lastUse: $0.lastUse, bytes: $0.bytes) }
    + sent.map { Cleanup.Item(kind: .sent, name: $1.name, lastUse: $1.lastUse, bytes: $1.bytes) }
  let use = CacheUse(cache)
  let users = isDry ? use.users() : []
  try cleanup.reduce(items) { place in
    try Task.checkCancellation()
    if place < runs.count { return isDry || runs[place].remove() }
    guard place < runs.count + cached.count else {
      let (folder, item) = sent[place - runs.count - cached.count]
      return !folder.mayBeInUse(item) && (isDry || folder.remove(item))
    }
    let item = cached[place - runs.count]
    return isDry ? !item.isUsed(by: users) : item.remove(from: use)
  }
  if !isDry { use.forgetAbsent() }
  return cleanup
}

extension Cleanup.Item.Kind {
  init(_ kind: CachedItem.Kind) {
    switch kind {
    case .kernel: self = .kernel
    case .build: self = .build
    case .source: self = .source
    case .image: self = .image
    case .part: self = .part
    case .leftover: self = .leftover
    }
  }
}
