import KTestHost
package import KTestValues

/// Why a metric of two runs differs: what the functions of both kernels executed for it.
package struct MetricExplanation: Sendable, Equatable {
  package var suite: String
  package var test: String
  /// The kernels of the two sides.
  package var baseKernel: String
  package var withKernel: String
  package var difference: FunctionDifference

  /// Reads what functions executed from the artefacts of both runs.
  ///
  /// - Parameter name: of the metric; `CASE:NAME` or `SUITE/CASE:NAME` where several cases have it.
  /// - Throws: ``ExplanationError``.
  package init(of name: String, base: RunComparison.Run, with: RunComparison.Run) throws {
    let (old, new) = (try Side(name, of: base), try Side(name, of: with))
    if let why = SuiteQuantities([base, with]).mixture(of: old.suite, unit: Metric.instructions) {
      throw ExplanationError("\(name) cannot be compared: \(why)")
    }
    (suite, test, baseKernel, withKernel) = (old.suite, old.test, old.kernel, new.kernel)
    difference = FunctionDifference(try old.counts(), try new.counts(), values: (old.value, new.value))
  }

  /// The metric in one run.
  private struct Side {
    var run: RunComparison.Run
    var suite: String
    var test: String
    var kernel: String
    var metric: String
    var value: Double

    init(_ name: String, of run: RunComparison.Run) throws {
      var found: [Side] = []
      var known: [String] = []
      for suite in run.suites {
        for result in suite.cases where result.verdict == .pass {
          for (key, values) in result.metrics.grouped() where key.unit == Metric.instructions {
            let place = "\(suite.name)/\(result.name):\(key.name)"
            if !known.contains(key.name) { known.append(key.name) }
            guard [key.name, key.fullName, "\(result.name):\(key.name)", place].contains(name),
              let value = Samples(values).median
            else { continue }
            found.append(
              Side(
                run: run, suite: suite.name, test: result.name, kernel: suite.kernel, metric: key.name, value: value))
          }
        }
      }
      let id = run.summary.run
      guard let first = found.first else {
        throw ExplanationError(
          known.isEmpty
            ? "the run \(id) has no counts of instructions: only these have functions; see docs/exact-numbers.md"
            : "the run \(id) has no metric '\(name)' that counts instructions; it has \(known.joined(separator: ", "))")
      }
      guard found.count == 1 else {
        let kernels = Set(found.map(\.kernel))
        throw ExplanationError(
          kernels.count > 1
            ? "the run \(id) has several kernels: choose one with \(id)@KERNEL, \(kernels.sorted().joined(separator: ", "))"
            : "several cases of the run \(id) have the metric '\(name)': choose "
              + found.map { "\($0.suite)/\($0.test):\($0.metric)" }.joined(separator: " or "))
      }
      self = first
    }

    private init(run: RunComparison.Run, suite: String, test: String, kernel: String, metric: String, value: Double) {
      (self.run, self.suite, self.test, self.kernel) = (run, suite, test, kernel)
      (self.metric, self.value) = (metric, value)
    }

    func counts() throws -> FunctionCounts {
      let place = "\(suite)/\(test)"
      let key = CaseKey(suite: suite, kernel: kernel, name: test)
      let path = "\(run.directory)/\(RunLayout.artefact(of: key, file: FunctionCounts.file))"
      let contents: [UInt8]?
      do { contents = try readFile(path) } catch {
        throw ExplanationError("cannot read \(path): \(error.reason)", isUsage: false)
      }
      guard let bytes = contents else {
        throw ExplanationError(
          "the run \(run.summary.run) did not count the functions of \(place), or its artefacts were removed; run it again "
            + "with 'ktest run \(suite):\(test) --functions'")
      }
      guard let all = FunctionCounts.read(bytes) else {
        throw ExplanationError("\(path) is not a table of functions", isUsage: false)
      }
      guard let counts = all.first(where: { $0.metric == metric }) else {
        throw ExplanationError(
          "the program of \(place) does not mark what belongs to \(metric): \(path) has no such rows")
      }
      return counts
    }
  }
}

/// The reason why a metric cannot be explained. The text is for the user.
package struct ExplanationError: Error, Equatable, CustomStringConvertible {
  package var description: String
  /// Whether the choice of runs or of the metric is at fault.
  package var isUsage: Bool

  package init(_ description: String, isUsage: Bool = true) {
    self.description = description
    self.isUsage = isUsage
  }
}
