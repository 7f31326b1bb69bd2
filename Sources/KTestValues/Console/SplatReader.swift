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

  init(_ pattern: SplatPattern, _ lines: [[UInt8]]) {
    self.pattern = pattern
    self.lines = lines
    if let header = lines.first { self.lines[0] = Self.withoutTask(header) }
  }

  /// Removes `, CPU#1: name/77`, with which a WARNING of kernels newer than 6.18 ends: a task may be named like a
  /// function.
  private static func withoutTask(_ header: [UInt8]) -> [UInt8] {
    guard header.has(warning, at: 0), let end = header.place(of: task) else { return header }
    return Array(header[..<end])
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
    for form in pattern.forms {
      guard let (header, captures) = headerMatch(form) else { continue }
      isPart = true
      if let all = bodyMatch(form, captures) { return ((form, header, all), true) }
    }
    return (nil, isPart)
  }

  private func headerMatch(_ form: SplatForm) -> (String, [String])? {
    for header in form.header {
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
    var walk = SplatWalk(lines: lines, form: form)
    var isWhole = walk.follow(form.way)
    if !isWhole, !form.otherWay.isEmpty {
      walk = SplatWalk(lines: lines, form: form)
      isWhole = walk.follow(form.otherWay)
    }
    let usesAccess = ([form.title] + form.alternatives).contains { $0.contains("{access}") }
    var values = [("{header}", header), ("{access}", usesAccess ? access ?? "" : "")]
    for (index, capture) in captures.enumerated() { values.append(("{\(index + 1)}", capture)) }
    func title(_ template: String, _ frames: [String]) -> String {
      var text = template
      for (index, frame) in frames.enumerated() {
        text = text.replacing(index == 0 ? "{frame}" : "{frame\(index + 1)}", with: frame)
      }
      for (name, value) in values { text = text.replacing(name, with: value) }
      return text
    }
    var reading = Reading()
    let chosen = walk.chosen.map(\.name)
    let raw = title(form.title, chosen)
    reading.title = SplatTitle.normalised(raw)
    for template in form.alternatives { reading.add(title(template, chosen)) }
    // The same functions with all prefixes of system calls, as other kernels print them.
    let whole = walk.chosen.map(\.whole)
    for prefix in [""] + FrameTable.entryPrefixes where whole.contains(where: { $0.hasPrefix(prefix) }) {
      let frames = whole.map { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : $0 }
      guard prefix.isEmpty || frames != whole else { continue }
      for template in [form.title] + form.alternatives { reading.add(title(template, frames)) }
    }
    reading.frames = walk.frames
    reading.suppressed = form.isSuppressed
    let cutsStamp = Self.stamps.contains { $0.isIn(Array(raw.utf8)) }
    reading.corrupted =
      form.isTorn || !(form.way.isEmpty || isWhole) || cutsStamp || form.needsStack && SplatWalk.isDamaged(lines)
    return reading
  }
}

extension SplatReader.Reading {
  fileprivate mutating func add(_ alternative: String) {
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

extension String {
  /// Replaces every occurrence.
  fileprivate func replacing(_ part: String, with other: String) -> String {
    guard utf8.count >= part.utf8.count else { return self }
    let (bytes, needle) = (Array(utf8), Array(part.utf8))
    guard var found = bytes.place(of: needle) else { return self }
    var result: [UInt8] = []
    var place = 0
    while true {
      result += bytes[place..<found]
      result += Array(other.utf8)
      place = found + needle.count
      guard let next = bytes.place(of: needle, from: place) else { break }
      found = next
    }
    return String(decoding: result + bytes[place...], as: UTF8.self)
  }
}
