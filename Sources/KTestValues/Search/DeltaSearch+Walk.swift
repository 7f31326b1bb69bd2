extension DeltaSearch {
  /// Runs ddmin over trials that are decided, and stops at the first that is not, which it reports.
  struct Walk {
    private let search: DeltaSearch
    private(set) var step = Step.stop(.infrastructure)
    private var tried: [[Int]: State] = [:]

    init(_ search: DeltaSearch) { self.search = search }

    var unresolved: Int { tried.values.count { $0 == .unresolved } }

    mutating func look(_ subset: [Int]) -> State {
      if let known = tried[subset] { return known }
      let state = search.state(subset)
      tried[subset] = state
      if state == .open { step = .run(subset: subset) }
      return state
    }

    /// Returns nil if a trial has to be run first. `whole` shows the target.
    mutating func minimise(_ whole: [Int]) -> [Int]? {
      var rest = whole
      var parts = 2
      while rest.count > 1 {
        guard let smaller = reduce(rest, &parts) else { return nil }
        if smaller == rest, parts >= rest.count { break }
        if smaller == rest { parts = min(parts * 2, rest.count) } else { rest = smaller }
      }
      return rest
    }

    /// Does one round: returns a part that shows the target alone, else the rest without a part if it still shows, else
    /// `rest`.
    private mutating func reduce(_ rest: [Int], _ parts: inout Int) -> [Int]? {
      let size = (rest.count + parts - 1) / parts
      let chunks = stride(from: 0, to: rest.count, by: size).map { Array(rest[$0..<min($0 + size, rest.count)]) }
      for chunk in chunks {
        switch look(chunk) {
        case .open, .failed: return nil
        case .shows:
          parts = 2
          return chunk
        case .without, .unresolved: continue
        }
      }
      if chunks.count > 2 {
        for chunk in chunks {
          let complement = rest.filter { !chunk.contains($0) }
          switch look(complement) {
          case .open, .failed: return nil
          case .shows:
            parts = max(2, chunks.count - 1)
            return complement
          case .without, .unresolved: continue
          }
        }
      }
      return rest
    }
  }
}
