/// The kernel's command line.
///
/// Source: `Documentation/admin-guide/kernel-parameters.rst`, `next_arg()` in `lib/cmdline.c`: blanks separate
/// parameters, double quotes keep blanks together, and a double quote itself cannot be written.
package struct KernelCommandLine: Sendable, Equatable, Codable, CustomStringConvertible {
  package struct Parameter: Sendable, Equatable, Codable {
    package var name: String
    /// The value, or nil for a parameter without `=`.
    package var value: String?

    package init(_ name: String, _ value: String? = nil) {
      self.name = name
      self.value = value
    }
  }

  package private(set) var parameters: [Parameter] = []

  package init() {}

  package init(_ parameters: [Parameter]) { self.parameters = parameters }

  /// Parses a text as the kernel does. Throws `KernelError.badCommandLine` for an unterminated quote.
  package init(parsing text: String) throws(KernelError) {
    var word = ""
    var quoted = false
    var started = false
    for character in text.unicodeScalars {
      if character == "\"" {
        quoted.toggle()
        started = true
      } else if character.properties.isWhitespace, !quoted {
        if started { append(word: word) }
        (word, started) = ("", false)
      } else {
        word.unicodeScalars.append(character)
        started = true
      }
    }
    if quoted { throw .badCommandLine("unterminated double quote in: \(text)") }
    if started { append(word: word) }
  }

  /// Parameters that may be repeated, each adding to the others.
  private static let repeatable: Set<String> = [
    "console", "earlycon", "memmap", "efi_fake_mem", "hugepagesz", "hugepages", "dyndbg", "initcall_blacklist",
  ]

  /// Appends a parameter and keeps the existing ones: for most parameters the kernel uses the last, for some it uses
  /// all.
  package mutating func append(_ name: String, _ value: String? = nil) { parameters.append(Parameter(name, value)) }

  /// Sets a parameter and removes earlier ones with this name. `-` and `_` are the same in names.
  package mutating func set(_ name: String, _ value: String? = nil) {
    remove(name)
    append(name, value)
  }

  package mutating func remove(_ name: String) {
    let name = KernelCommandLine.normal(name)
    parameters.removeAll { KernelCommandLine.normal($0.name) == name }
  }

  package func contains(_ name: String) -> Bool {
    let name = KernelCommandLine.normal(name)
    return parameters.contains { KernelCommandLine.normal($0.name) == name }
  }

  /// Merges another line into this one. Its parameters override those here, except for repeatable ones (`console=`,
  /// `memmap=`, …), which are appended.
  package mutating func merge(_ other: KernelCommandLine) {
    for name in Set(other.parameters.map(\.name)) where !KernelCommandLine.repeatable.contains(name) { remove(name) }
    parameters += other.parameters
  }

  /// Returns the line as the boot loader passes it, at most 2047 bytes (`COMMAND_LINE_SIZE` of x86 with its NUL).
  ///
  /// Throws `KernelError.badCommandLine` if the kernel could not parse it, or if it is too long.
  package func rendered() throws(KernelError) -> String {
    var words: [String] = []
    for parameter in parameters {
      let text = parameter.value.map { "\(parameter.name)=\($0)" } ?? parameter.name
      for unit in text.unicodeScalars where unit == "\"" || (unit.value < 32 && unit != "\t") || unit.value == 127 {
        throw .badCommandLine("\(parameter.name) contains a double quote or a control character")
      }
      guard !parameter.name.isEmpty, !parameter.name.contains(where: { $0.isWhitespace || $0 == "=" }) else {
        throw .badCommandLine("\"\(parameter.name)\" is not a parameter name")
      }
      let value = parameter.value ?? ""
      words.append(value.contains(where: \.isWhitespace) ? "\(parameter.name)=\"\(value)\"" : text)
    }
    let line = words.joined(separator: " ")
    guard line.utf8.count <= 2047 else {
      throw .badCommandLine("\(line.utf8.count) bytes, but the kernel reads only 2047; shorten it")
    }
    return line
  }

  /// The line for people, without the checks of `rendered()`.
  package var description: String { (try? rendered()) ?? parameters.map(\.name).joined(separator: " ") }

  private mutating func append(word: String) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    append(String(parts[0]), parts.count == 2 ? String(parts[1]) : nil)
  }

  private static func normal(_ name: String) -> String {
    String(name.map { $0 == "-" ? "_" : $0 })
  }
}
