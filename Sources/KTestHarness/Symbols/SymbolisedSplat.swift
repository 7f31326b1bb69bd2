/// A splat with what debug information knows of its frames.
public struct SymbolisedSplat: Sendable, Equatable {
  /// Its `file` is the one to blame.
  public var splat: Splat
  /// The frames that could be found, in the order of the lines, those inlined before the function they are in.
  public var frames: [SourcePlace]
  /// Who looks after that file, as `scripts/get_maintainer.pl` of the tree says; empty without a tree.
  public var maintainers: [String] = []

  /// `places` has the answer for each frame of which there is one. Lines become as kernel people write symbolised ones:
  /// ` foo fs/a.c:1 [inline]` before ` bar+0x1/0x2 fs/b.c:2`.
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
  /// `fs/a.c:12`.
  public var text: String? {
    guard let file, let line else { return nil }
    return "\(file):\(line)"
  }
}
