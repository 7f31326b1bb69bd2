/// A metric that a case must print to pass.
package struct MetricDeclaration: Sendable, Equatable, Codable {
  package enum Better: String, Sendable, Codable, CaseIterable { case lower, higher }

  /// The pattern that finds the number in the case's output.
  package struct Source: Sendable, Equatable, Codable {
    /// A pattern with some text and exactly one star, which is the number.
    package var pattern: WildcardPattern
    /// The unit, for example `us` or `GB/s`.
    package var unit: String
    package var better: Better

    package init(pattern: WildcardPattern, unit: String, better: Better) {
      self.pattern = pattern
      self.unit = unit
      self.better = better
    }
  }

  package var name: String
  /// How to find the number; nil means that the case prints `# metric NAME VALUE UNIT lower|higher` itself.
  package var source: Source?

  package init(_ name: String, _ source: Source? = nil) {
    self.name = name
    self.source = source
  }
}

extension CaseReader {
  func metrics(_ map: YAMLMapReader, format: Case.Format) -> [MetricDeclaration] {
    var seen: Set<String> = []
    return map.list("metrics", of: "metrics") { node in
      guard let inner = YAMLMapReader(node, SuiteSchema.metric, diagnostics) else { return nil }
      let name = inner.value("name", NameRule.metric) ?? ""
      if !name.isEmpty, !seen.insert(name).inserted {
        inner.error("name", "another metric has the name \(Phrase.quoted(name))")
      }
      let pattern = inner.pattern("pattern")
      let unit = inner.value("unit", NameRule.unit)
      let better = inner.choice("better", MetricDeclaration.Better.self)
      guard inner.has("pattern") else {
        for key in ["unit", "better"] where inner.has(key) {
          inner.error(
            key, "without a pattern, the case itself prints the metric's \(key)", note: "remove \(key), or add pattern")
        }
        if format == .exitCode {
          diagnostics.error(
            at: inner.mark, "in a case with format: exit-code a metric needs a pattern",
            note: "for example pattern: 'Total time: * us', unit: us, better: lower")
        }
        return MetricDeclaration(name)
      }
      for key in ["unit", "better"] where !inner.has(key) {
        diagnostics.error(at: inner.mark, "a metric with a pattern needs the key '\(key)'")
      }
      if let pattern, pattern.parts.count != 2 || pattern.matchesEverything {
        inner.error(
          "pattern", "a metric's pattern must have one star, which is the number, and some text",
          note: "for example 'Total time: * us'")
        return nil
      }
      guard let pattern, let unit, let better else { return nil }
      return MetricDeclaration(name, MetricDeclaration.Source(pattern: pattern, unit: unit, better: better))
    } ?? []
  }
}
