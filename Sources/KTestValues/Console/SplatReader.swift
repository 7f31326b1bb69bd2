/// Derives the title of a splat from its lines, using the table.
struct SplatReader {
  struct Reading {
    var title = ""
    var alternatives: [String] = []
    var frames: [String] = []
    var corrupted = false
    var suppressed = false
  }

  let pattern: SplatPattern
  /// The lines of the splat; the first begins with the header.
  private(set) var lines: [[UInt8]]
  /// For each line, the kind of the trace that begins at it.
  private let starts: [Int?]

  init(_ pattern: SplatPattern, _ lines: [[UInt8]]) {
    self.pattern = pattern
    self.lines = lines
    if let header = lines.first, let end = Self.task(header) { self.lines[0] = Array(header[..<end]) }
    starts = self.lines.map(SplatWalk.stackStart)
  }

  /// Finds `, CPU#1: name/77`, with which a WARNING of kernels newer than 6.18 ends: a task may be named like a
  /// function.
  private static func task(_ header: [UInt8]) -> Int? {
    header.has(warning, at: 0) ? header.place(of: task) : nil
  }

  private static let warning = Array("WARNING: ".utf8)
  private static let task = Array(", CPU#".utf8)

  func read() -> Reading {
    let fitting = fittingForm
    if let (form, header, captures) = fitting.whole { return reading(form, header: header, captures: captures) }
    var reading = Reading()
    reading.title = SplatTitle.normalised(String(decoding: lines[0], as: UTF8.self))
    reading.corrupted = fitting.isPart
    return reading
  }

  /// The form that matches header and body, with their captures, and whether any form matches the header.
  var fittingForm: (whole: (form: SplatForm, header: String, captures: [String])?, isPart: Bool) {
    var isPart = false
    let forms = pattern.forms
    for place in forms.indices {
      guard let (header, captures) = headerMatch(forms[place].header) else { continue }
      isPart = true
      if let all = bodyMatch(forms[place], captures) { return ((forms[place], header, all), true) }
    }
    return (nil, isPart)
  }

  private func headerMatch(_ headers: [TextPattern]) -> (String, [String])? {
    for header in headers {
      if let captures = header.match(lines[0]) { return (header.source, captures) }
    }
    return nil
  }

  /// Returns the captures of header and body, or nil if the body lacks something that this form requires.
  private func bodyMatch(_ form: SplatForm, _ captures: [String]) -> [String]? {
    var captures = captures
    var place = 1
    for pattern in form.body {
      guard let (index, found) = lines.firstMatch(pattern, from: place) else { return nil }
      captures += found
      place = index + 1
    }
    if form.needsAccess, access == nil { return nil }
    return captures
  }

  private var access: String? {
    for line in lines.dropFirst() {
      for (text, name) in Self.accesses where line.contains(text) { return name }
    }
    return nil
  }

  private static let stamps: [TextPattern] = ["[<n>.<n>]", "[ *<n>.<n>]"]

  private static let accesses: [([UInt8], String)] = ["Read", "Write"].flatMap { name in
    [" of size ", " at addr "].map { (Array((name + $0).utf8), name) }
  }

  private func reading(_ form: SplatForm, header: String, captures: [String]) -> Reading {
    var walk = SplatWalk(lines: lines, starts: starts, form: form)
    var isWhole = walk.follow(form.way)
    if !isWhole, !form.otherWay.isEmpty {
      walk = SplatWalk(lines: lines, starts: starts, form: form)
      isWhole = walk.follow(form.otherWay)
    }
    func title(_ template: String, _ frames: [String]) -> [UInt8] {
      filled(template, frames: frames, captures: captures, header: header)
    }
    var reading = Reading()
    let chosen = walk.chosen.map(\.name)
    let raw = title(form.title, chosen)
    reading.title = SplatTitle.normalised(raw)
    for template in form.alternatives { reading.add(title(template, chosen)) }
    // The same functions with all prefixes of system calls, as other kernels print them.
    let whole = walk.chosen.map(\.whole)
    if whole != chosen { reading.add(form, whole, title) }
    for prefix in FrameTable.entryPrefixes where whole.contains(where: { $0.hasPrefix(prefix) }) {
      reading.add(form, whole.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }, title)
    }
    reading.frames = walk.frames
    reading.suppressed = form.isSuppressed
    let cutsStamp = Self.stamps.contains { $0.isIn(raw) }
    reading.corrupted =
      form.isTorn || !(form.way.isEmpty || isWhole) || cutsStamp
      || form.needsStack && SplatWalk.isDamaged(lines, starts)
    return reading
  }

  /// Returns a title with what its placeholders stand for. What there is nothing for stays.
  private func filled(_ template: String, frames: [String], captures: [String], header: String) -> [UInt8] {
    var title: [UInt8] = []
    title.reserveCapacity(template.utf8.count + 64)
    var rest = template.utf8[...]
    while let open = rest.firstIndex(of: UInt8(ascii: "{")),
      let close = rest[open...].firstIndex(of: UInt8(ascii: "}"))
    {
      title += rest[..<open]
      let name = rest[rest.index(after: open)..<close]
      rest = rest[rest.index(after: close)...]
      if let text = text(Substring(name), frames, captures, header) {
        title += text.utf8
      } else {
        title.append(UInt8(ascii: "{"))
        title += name
        title.append(UInt8(ascii: "}"))
      }
    }
    return title + rest
  }

  private func text(_ name: Substring, _ frames: [String], _ captures: [String], _ header: String) -> String? {
    switch name {
    case "frame": return frames.first
    case "header": return header
    case "access": return access ?? ""
    default:
      let (words, digits) = name.hasPrefix("frame") ? (frames, name.dropFirst(5)) : (captures, name)
      guard let number = Int(digits), words.indices.contains(number - 1) else { return nil }
      return words[number - 1]
    }
  }
}

extension SplatReader.Reading {
  fileprivate mutating func add(_ form: SplatForm, _ frames: [String], _ title: (String, [String]) -> [UInt8]) {
    add(title(form.title, frames))
    for template in form.alternatives { add(title(template, frames)) }
  }

  fileprivate mutating func add(_ alternative: [UInt8]) {
    let normal = SplatTitle.normalised(alternative)
    if normal != title, !alternatives.contains(normal) { alternatives.append(normal) }
  }
}

extension [[UInt8]] {
  func firstMatch(_ pattern: TextPattern, from place: Int) -> (Int, [String])? {
    for index in Swift.min(place, count)..<count {
      if let captures = pattern.match(self[index]) { return (index, captures) }
    }
    return nil
  }
}
