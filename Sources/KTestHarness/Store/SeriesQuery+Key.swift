package import KTestValues

extension SeriesQuery {
  /// Asks for the series of this suite, cell, case and subtest, whatever the kernel and the host.
  package init(_ key: SeriesKey) {
    (suite, cell, test) = (key.suite, key.cell, key.test)
    subtest = key.subtest.isEmpty ? nil : key.subtest
  }
}
