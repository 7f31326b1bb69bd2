package import KTestValues

/// A splat with its source positions from debug information.
package struct SymbolisedSplat: Sendable, Equatable {
  /// The splat; its `file` is the one to blame.
  package var splat: Splat
  /// The frames that were found, in the order of the lines; inlined functions precede the one that contains them.
  package var frames: [SourcePlace]
  /// The maintainers of that file according to `scripts/get_maintainer.pl` of the tree; empty without a tree.
  package var maintainers: [String] = []

  /// Creates the symbolised splat. `places` has the result for each frame that was found. Lines get the usual
  /// symbolised form: ` foo fs/a.c:1 [inline]` before ` bar+0x1/0x2 fs/b.c:2`.
  init(_ splat: Splat, _ places: [FrameReference: [SourcePlace]]) {
    var lines: [String] = []
    var frames: [SourcePlace] = []
    for line in splat.lines {
      let references = FrameReference.read(line)
      var bytes = Array(line.utf8)
      for (reference, end) in references.reversed() {
        guard let outer = places[reference]?.last, let source = outer.text else { continue }
        bytes.insert(contentsOf: Array(" \(source)".utf8), at: end)
      }
      let blank = line.prefix { $0 == " " || $0 == "\t" }
      for place in references.flatMap({ places[$0.reference] ?? [] }) {
        frames.append(place)
        if place.isInlined, let source = place.text { lines.append("\(blank)\(place.function) \(source) [inline]") }
      }
      lines.append(String(decoding: bytes, as: UTF8.self))
    }
    self.frames = frames
    self.splat = splat
    if frames.contains(where: { $0.file != nil }) {
      self.splat.file = Blame.file(title: splat.title, lines.map { Array($0.utf8) })
    }
    self.splat.lines = lines
  }
}

extension SourcePlace {
  /// The position as text: `fs/a.c:12`.
  package var text: String? {
    guard let file, let line else { return nil }
    return "\(file):\(line)"
  }
}
