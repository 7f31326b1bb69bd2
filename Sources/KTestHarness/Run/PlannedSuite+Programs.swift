import KTestHost
import KTestValues

extension PlannedSuite {
  /// Chooses among alternative programs what the image has. A case whose program is not in the image does not run: it is
  /// a skip if the kernel's tree does not have it, and an error if it could not be built.
  mutating func look(for image: BuiltImage) {
    let folders = image.layers.compactMap(\.folder)
    let omitted = Dictionary(image.omitted.map { ($0.path, $0) }) { first, _ in first }
    for index in cases.indices where cases[index].skip == nil {
      for (place, names) in cases[index].test.alternatives where cases[index].test.run.indices.contains(place) {
        // One that could not be built is the tree's choice: it is an error, not a reason to run another one.
        let chosen = names.first { image.files.contains($0) || omitted[$0]?.isBroken == true }
        if let chosen { cases[index].test.run[place] = chosen }
      }
      let words = cases[index].test.run.flatMap { $0.split(whereSeparator: \.isWhitespace) }.map(String.init)
      guard let path = words.first(where: { word in omitted[word] != nil || word.isMissing(from: image, folders) })
      else { continue }
      if let omission = omitted[path], omission.isBroken {
        cases[index].skip = VerdictReason(.compiler, omission.reason, names: [path])
        cases[index].verdict = .error
      } else {
        let names = cases[index].test.alternatives.values.first { $0.contains(path) } ?? [path]
        let reason = omitted[path]?.reason ?? PlannedSuite.absence(of: names, folders)
        cases[index].skip = VerdictReason(.missingProgram, reason, names: [path])
      }
    }
  }

  /// Returns a sentence such as `linux 7.3.4 has no test mm/map_hugetlb`.
  private static func absence(of paths: [String], _ folders: [SelftestFolder]) -> String {
    let folder = folders.first { folder in paths.contains { $0.hasPrefix(folder.to + "/") } }
    let names = paths.map { path in
      folder.map { path.hasPrefix($0.to + "/") ? $0.name + path.dropFirst($0.to.count) : path } ?? path
    }
    return "\(folder?.tree ?? "the tree") has no test \(Phrase.anyOf(names))"
  }
}

extension String {
  /// Returns whether this is the path of a program of a folder of selftests that the image does not have.
  fileprivate func isMissing(from image: BuiltImage, _ folders: [SelftestFolder]) -> Bool {
    !image.files.contains(self) && folders.contains { hasPrefix($0.to + "/") }
  }
}
