import KTestHost
import KTestValues

extension PlannedSuite {
  /// Chooses among alternative programs what the image has. A case whose program is not in the image does not run: it is
  /// absent if the kernel's tree does not have it, and an error if it could not be built.
  mutating func look(for image: BuiltImage) {
    let folders = image.layers.compactMap(\.folder)
    let omitted = Dictionary(image.omitted.map { ($0.path, $0) }) { first, _ in first }
    var without: [AbsentCase] = []
    for index in cases.indices {
      for (place, names) in cases[index].test.alternatives where cases[index].test.run.indices.contains(place) {
        // One that could not be built is the tree's choice: it is an error, not a reason to run another one.
        let chosen = names.first { image.files.contains($0) || omitted[$0]?.isBroken == true }
        if let chosen { cases[index].test.run[place] = chosen }
      }
      let run = cases[index].test.run.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map(String.init)
      let words = run + folders.flatMap { $0.called(by: run) }.filter { omitted[$0]?.isBroken == true }
      guard let path = words.first(where: { word in omitted[word] != nil || word.isMissing(from: image, folders) })
      else { continue }
      if let omission = omitted[path], omission.isBroken {
        if cases[index].skip != nil { continue }
        cases[index].skip = VerdictReason(.compiler, omission.reason, names: [path])
        cases[index].verdict = .error
      } else {
        let folder = folders.first { path.hasPrefix($0.to + "/") }
        let tree = folder?.tree ?? "this kernel's tree"
        let reason = folder == nil ? omitted[path]?.reason : nil
        without.append(
          AbsentCase(
            name: cases[index].test.name,
            reason: reason.map { "needs a test: \($0)" } ?? "needs a test that \(tree) does not have"))
      }
    }
    let names = Set(without.map(\.name))
    cases.removeAll { names.contains($0.test.name) }
    absent += without
  }
}

extension SelftestFolder {
  /// Returns the paths in the image of the programs that scripts among these words call.
  fileprivate func called(by words: [String]) -> [String] {
    words.filter { $0.hasPrefix(to + "/") }.flatMap { calls[String($0.dropFirst(to.count + 1))] ?? [] }
      .map { "\(to)/\($0)" }
  }
}

extension String {
  /// Returns whether this is the path of a program of a folder of selftests that the image does not have.
  fileprivate func isMissing(from image: BuiltImage, _ folders: [SelftestFolder]) -> Bool {
    !image.files.contains(self) && folders.contains { hasPrefix($0.to + "/") }
  }
}
