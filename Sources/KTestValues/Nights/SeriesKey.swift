/// The identity of a series of results: what is compared from night to night. Results of two series are never mixed.
package struct SeriesKey: Sendable, Hashable, Codable {
  /// The name without the cell.
  package var suite: String
  /// `thp=madvise,order=9`; empty for a suite without a matrix.
  package var cell: String
  package var test: String
  /// The id of a subtest; empty for the whole case.
  package var subtest: String
  /// What kind of kernel it is, apart from its code: two kernels of one family differ in their code only.
  package var family: String
  package var accelerator: String
  /// Processors and memory of the host: `2 CPUs, 24 GiB`.
  package var host: String

  package init(
    suite: String, cell: String = "", test: String, subtest: String = "", family: String = "", accelerator: String = "",
    host: String = ""
  ) {
    (self.suite, self.cell, self.test, self.subtest) = (suite, cell, test, subtest)
    (self.family, self.accelerator, self.host) = (family, accelerator, host)
  }

  /// Takes a name such as `hmm-tests[thp=madvise]` apart.
  package static func parts(ofSuite name: String) -> (suite: String, cell: String) {
    guard name.hasSuffix("]"), let open = name.firstIndex(of: "[") else { return (name, "") }
    return (String(name[..<open]), String(name[name.index(after: open)...].dropLast()))
  }

  /// `hmm-tests[thp=madvise]:private:migrate`.
  package var name: String {
    let place = cell.isEmpty ? suite : "\(suite)[\(cell)]"
    return "\(place):\(test)" + (subtest.isEmpty ? "" : ":\(subtest)")
  }

  /// The series of the whole case.
  package var wholeCase: SeriesKey {
    var key = self
    key.subtest = ""
    return key
  }
}

extension SeriesKey: Comparable {
  package static func < (left: SeriesKey, right: SeriesKey) -> Bool {
    if left.suite != right.suite { return left.suite < right.suite }
    if left.cell != right.cell { return left.cell < right.cell }
    if left.test != right.test { return left.test < right.test }
    if left.subtest != right.subtest { return left.subtest < right.subtest }
    if left.family != right.family { return left.family < right.family }
    if left.accelerator != right.accelerator { return left.accelerator < right.accelerator }
    return left.host < right.host
  }
}
