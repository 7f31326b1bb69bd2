/// Hypotheses in classes of those that no run has told apart.
struct HypothesisClasses: Sendable, Equatable {
  /// The class of each hypothesis.
  private(set) var classOf: [Int32]
  /// The number of hypotheses of each class.
  private(set) var sizes: [Int]

  /// All in one class.
  init(count: Int) {
    classOf = [Int32](repeating: 0, count: count)
    sizes = [count]
  }

  init(_ classOf: [Int32], count: Int) {
    self.classOf = classOf
    sizes = [Int](repeating: 0, count: count)
    for index in classOf { sizes[Int(index)] += 1 }
  }

  /// Divides the classes of which only a part is in the set.
  ///
  /// - Returns: for each class that there was, the class of those of it that are in the set: itself if all are, a new one if
  ///   some are, −1 if none is. New classes are numbered in this order.
  mutating func split(_ members: [Int]) -> [Int32] {
    var inside = [Int](repeating: 0, count: sizes.count)
    for member in members { inside[Int(classOf[member])] += 1 }
    var successors = [Int32](repeating: -1, count: sizes.count)
    for (index, count) in inside.enumerated() where count > 0 {
      if count == sizes[index] {
        successors[index] = Int32(index)
        continue
      }
      successors[index] = Int32(sizes.count)
      sizes[index] -= count
      sizes.append(count)
    }
    for member in members { classOf[member] = successors[Int(classOf[member])] }
    return successors
  }
}
