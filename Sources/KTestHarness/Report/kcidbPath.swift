/// Returns the place of a test in KCIDB's tree of tests: `hmm-tests[thp=madvise]` is `hmm-tests.thp_madvise`, and no part has
/// other characters than `[a-zA-Z0-9_-]`.
func kcidbPath(_ place: [String]) -> String {
  let parts = place.flatMap { $0.split { "[],/:".contains($0) } }
  return parts.map { part in
    String(
      part.split(separator: " ").joined(separator: "_").map { character in
        character.isASCII && (character.isLetter || character.isNumber) || character == "-" ? character : "_"
      })
  }.filter { !$0.isEmpty }.joined(separator: ".")
}
