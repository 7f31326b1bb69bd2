import KTestValues

/// A metric over the runs of a series as a drawing, with the places where it changed.
struct TrendPlot: Sendable {
  struct Point: Sendable, Equatable {
    var run: String
    var kernel: String
    var value: Double
  }

  var name: String
  var unit: String
  /// What the values are values of, beside the unit; may be empty.
  var basis: String
  var better: Metric.Better
  /// The oldest first; at most as many as shifts are looked for in.
  var points: [Point]

  init(name: String, unit: String, basis: String = "", better: Metric.Better, points: [Point]) {
    (self.name, self.unit, self.basis, self.better) = (name, unit, basis, better)
    self.points = Array(points.suffix(MetricShifts.limit))
  }

  var shifts: [MetricShift] { MetricShifts(points.map(\.value))?.shifts ?? [] }

  /// What the shifts say, in words.
  var note: String {
    shifts.map { shift in
      let isWorse = (shift.after > shift.before) == (better == .lower)
      let first = points[shift.first]
      let share = abs(shift.share) * 100
      return "\(isWorse ? "worse" : "better") by \(PageText.number(share)) % since \(first.run) (\(first.kernel)): "
        + "\(PageText.number(shift.before)) before, \(PageText.number(shift.after)) since"
    }.joined(separator: "; ")
  }

  private static let (width, height, left, top, bottom) = (800.0, 180.0, 8.0, 18.0, 22.0)

  func markup(from root: String, _ pages: PageIndex) -> Markup {
    var markup = Markup()
    let values = points.map(\.value)
    guard let least = values.min(), let greatest = values.max(), let first = points.first, let last = points.last
    else { return markup }
    let span = greatest > least ? greatest - least : max(abs(greatest), 1)
    let low = greatest > least ? least - span * 0.08 : least - span / 2
    let high = greatest > least ? greatest + span * 0.08 : greatest + span / 2
    func x(_ place: Int) -> String {
      TrendPlot.coordinate(
        TrendPlot.left + (TrendPlot.width - 2 * TrendPlot.left) * Double(place) / Double(max(points.count - 1, 1)))
    }
    func y(_ value: Double) -> String {
      let share = (value - low) / (high - low)
      return TrendPlot.coordinate(
        TrendPlot.height - TrendPlot.bottom - (TrendPlot.height - TrendPlot.top - TrendPlot.bottom) * share)
    }
    let label =
      "\(name) over \(points.count) runs, from \(PageText.number(least)) to \(PageText.number(greatest)) \(unit)"
    markup.begin("svg", ["class": "trend", "viewBox": "0 0 800 180", "role": "img", "aria-label": label])
    let base = TrendPlot.coordinate(TrendPlot.height - TrendPlot.bottom)
    markup.single("line", ["class": "axis", "x1": "0", "x2": "800", "y1": base, "y2": base])
    markup.single("line", ["class": "axis", "x1": "0", "x2": "800", "y1": y(greatest), "y2": y(greatest)])
    markup.single("line", ["class": "axis", "x1": "0", "x2": "800", "y1": y(least), "y2": y(least)])
    let path = points.indices.map { "\(x($0)),\(y(points[$0].value))" }
    // The text of an attribute is cut at a length that 500 points exceed, so the line is made of pieces.
    for start in stride(from: 0, to: max(path.count - 1, 1), by: 40) {
      markup.single(
        "polyline", ["class": "line", "points": path[start..<min(start + 41, path.count)].joined(separator: " ")])
    }
    let shifts = shifts
    let ends = [0] + shifts.map(\.first) + [points.count]
    for (place, shift) in shifts.enumerated() {
      markup.single("line", ["class": "cut", "x1": x(shift.first), "x2": x(shift.first), "y1": "14", "y2": base])
      markup.single(
        "line",
        [
          "class": "level", "x1": x(ends[place]), "x2": x(max(shift.first - 1, 0)), "y1": y(shift.before),
          "y2": y(shift.before),
        ])
      markup.single(
        "line",
        [
          "class": "level", "x1": x(shift.first), "x2": x(ends[place + 2] - 1), "y1": y(shift.after),
          "y2": y(shift.after),
        ])
      let share = "\(shift.share > 0 ? "+" : "−")\(PageText.number(abs(shift.share) * 100)) %"
      let isRight = shift.first > points.count / 2
      markup.element(
        "text", ["class": "cut", "x": x(shift.first), "y": "12", "text-anchor": isRight ? "end" : "start"], text: share)
    }
    for (place, point) in points.enumerated() where points.count <= 120 {
      let target = pages.run(point.run, from: root)
      if let target { markup.begin("a", ["href": target]) }
      markup.begin("circle", ["class": "dot", "cx": x(place), "cy": y(point.value), "r": "2.5"])
      markup.element("title", text: "\(point.run) \(point.kernel): \(PageText.number(point.value)) \(unit)")
      markup.end("circle")
      if target != nil { markup.end("a") }
    }
    func caption(_ text: String, _ x: String, _ y: String, _ anchor: String) {
      markup.element("text", ["x": x, "y": y, "text-anchor": anchor], text: text)
    }
    caption("\(PageText.number(greatest)) \(unit)", "4", TrendPlot.coordinate((Double(y(greatest)) ?? 0) - 4), "start")
    if greatest > least {
      caption("\(PageText.number(least)) \(unit)", "4", TrendPlot.coordinate((Double(y(least)) ?? 0) - 4), "start")
    }
    caption(String(first.run.prefix(10)), "4", "174", "start")
    caption(String(last.run.prefix(10)), "796", "174", "end")
    markup.end("svg")
    return markup
  }

  static func coordinate(_ value: Double) -> String {
    let tenths = Int((min(max(value, -9999), 9999) * 10).rounded())
    return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10).\(abs(tenths) % 10)"
  }
}
