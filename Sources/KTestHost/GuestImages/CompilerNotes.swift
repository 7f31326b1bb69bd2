import Glibc
import KTestValues

/// What the compiler read and said, program by program, while a tree's Makefile ran.
///
/// The Makefiles of selftests do not know which headers a program includes, and `make` says only that something failed.
/// So they get a small script as their compiler, which leaves a note about each program.
struct CompilerNotes: Sendable {
  /// The folder of the notes.
  let folder: String
  /// The folder that the Makefiles build in.
  let build: String
  /// The copy of the tree that is built.
  let source: String

  /// Writes the script and returns its path.
  ///
  /// - Parameter set: the options that single programs get in addition, and the headers that they name.
  func install(for set: SelftestSet, in collection: String, compiler: HostTool, cache: ImageCache) throws -> String {
    try Files.makeDirectory(folder)
    let headers = "\(folder)/include-\(LayerBuild.key(set.headers.flatMap { [$0.name, $0.text] }).prefix(16))"
    for header in set.headers {
      let place = "\(headers)/\(header.name)"
      if (try? Files.text(place)) == header.text { continue }
      try Files.makeDirectory(Paths.parent(place))
      try cache.write(place) { writer in try writer.write(Array(header.text.utf8)) }
    }
    // The shell takes the first branch that fits, so the one for all programs comes last.
    let programs =
      set.flags.map(\.program).filter { $0 != "*" } + (set.flags.contains { $0.program == "*" } ? ["*"] : [])
    let cases = programs.map { program in
      let words = (["-iquote", headers] + set.options(of: program == "*" ? "" : program)).map(CompilerNotes.quoted)
      let output =
        CompilerNotes.quoted("\(build)/\(collection)/") + (program == "*" ? "*" : CompilerNotes.quoted(program))
      let mark = CompilerNotes.mark(of: program == "*" ? "" : program, in: set)
      return "\(output)) flags=\(mark); set -- \"$@\" \(words.joined(separator: " ")) ;;"
    }
    let place = folder + "/cc"
    let text = script(compiler: compiler.path, cases: cases)
    if (try? Files.text(place)) != text {
      try cache.write(place) { writer in try writer.write(Array(text.utf8)) }
      guard chmod(place, 0o755) == 0 else { throw Files.failure("write", place) }
    }
    return place
  }

  /// Returns a word that changes with the additional options of a program.
  static func mark(of program: String, in set: SelftestSet) -> String {
    let options = set.options(of: program)
    guard !options.isEmpty else { return "none" }
    return String(LayerBuild.key(options + set.headers.flatMap { [$0.name, $0.text] }).prefix(16))
  }

  private static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }

  /// The paths have no characters that a shell would read otherwise: `ImageCache.checkForMake` refuses those.
  private func script(compiler: String, cases: [String]) -> String {
    """
    #!/bin/sh
    # Runs the compiler as the Makefile asks, and leaves a note about each program in \(folder).
    out= previous= flags=none
    for word in "$@"; do
      [ "$previous" = -o ] && out=$word
      previous=$word
    done
    case $out in
    \(build)/*) ;;
    *) exec \(compiler) "$@" ;;
    esac
    case $out in
    \((cases + ["*) ;;"]).joined(separator: "\n"))
    esac
    note=\(folder)/$(printf %s "${out#\(build)/}" | tr / %)
    rm -f "$note.d" "$note.ld" "$note.said" "$note.done"
    echo "$flags" >"$note.flags"
    SUNPRO_DEPENDENCIES=$note.d \(compiler) "$@" -ffile-prefix-map=\(source)=. \
      -Wl,--build-id=none,--dependency-file="$note.ld" 2>"$note.said"
    status=$?
    cat "$note.said" >&2
    if [ $status -eq 0 ]; then rm -f "$note.said"; : >"$note.done"; fi
    exit $status

    """
  }

  private func note(_ output: String) -> String? {
    guard output.hasPrefix(build + "/") else { return nil }
    return folder + "/" + output.dropFirst(build.count + 1).replacing("/", with: "%")
  }

  /// Returns what the compiler said when it refused to build a file; nil if it did not refuse.
  func complaint(about output: String) -> [String]? {
    guard let note = note(output), let text = try? Files.text(note + ".said") else { return nil }
    let lines = HostTool.lines(of: String(text.prefix(1 << 18)))
    // Warnings come first and are not useful here.
    let first = lines.firstIndex { line in
      ["error: ", "undefined reference", "cannot find -l"].contains { line.contains($0) }
    }
    return Array(lines[max(0, (first ?? 0) - 1)...].prefix(12))
  }

  /// Returns the files that a file was made from, with links resolved, as far as the compiler knows.
  func inputs(of output: String) -> Set<String> {
    var found: Set<String> = []
    var seen: Set<String> = []
    var pending = [output]
    while let next = pending.popLast() {
      guard seen.insert(next).inserted, let note = note(next) else { continue }
      for file in [note + ".d", note + ".ld"] {
        for path in CompilerNotes.prerequisites((try? Files.text(file)) ?? "", in: sourceFolder(of: next)) {
          // An object that was built here was made from files of its own.
          if path.hasPrefix(build + "/"), path != next { pending.append(path) }
          if let real = Files.real(path) { found.insert(real) }
        }
      }
    }
    return found
  }

  /// The folder that the compiler ran in; paths in its notes are relative to it.
  private func sourceFolder(of output: String) -> String {
    "\(source)/tools/testing/selftests/" + Paths.parent(String(output.dropFirst(build.count + 1)))
  }

  /// Returns the prerequisites of all rules of a text.
  static func prerequisites(_ text: String, in folder: String) -> Set<String> {
    let separator: Character = "\u{1}"
    let joined = text.replacing("\\\n", with: " ").replacing("\\ ", with: String(separator))
    var found: Set<String> = []
    for line in joined.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      for word in line[line.index(after: colon)...].split(whereSeparator: \.isWhitespace) {
        let path = word.replacing(String(separator), with: " ")
        found.insert(path.hasPrefix("/") ? String(path) : "\(folder)/\(path)")
      }
    }
    return found
  }

  /// Returns whether a file must be built anew: one of its inputs is newer, it was compiled with other options, or its
  /// compiler did not end well.
  ///
  /// - Parameters:
  ///   - mark: the mark of the options that it must have been compiled with.
  ///   - times: remembers the times of inputs, which programs share.
  func isStale(_ output: String, mark: String, times: inout [String: String?]) -> Bool {
    guard let own = FileStamp(output), let note = note(output) else { return false }
    if let flags = try? Files.text(note + ".flags") {
      // A compiler that was killed may have left a part of the program.
      guard flags == mark + "\n", Files.exists(note + ".done") else { return true }
    }
    return inputs(of: output).contains { path in
      let time = times[path] ?? FileStamp(path)?.modified
      times[path] = .some(time)
      guard let time else { return true }
      return CompilerNotes.isLater(time, than: own.modified)
    }
  }

  /// Compares two times as `FileStamp` writes them, `seconds.nanoseconds`.
  static func isLater(_ first: String, than second: String) -> Bool {
    func parts(_ text: String) -> (Int, Int) {
      let parts = text.split(separator: ".").compactMap { Int($0) }
      return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
    }
    return parts(first) > parts(second)
  }
}
