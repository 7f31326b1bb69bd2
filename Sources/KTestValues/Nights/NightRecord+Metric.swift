extension NightRecord {
  /// A metric that moved with tonight's kernel or that of one of the last nights.
  package struct MetricChange: Sendable, Equatable, Codable {
    package var id: MetricID
    package var before: Double
    package var after: Double
    /// The probability of such a difference by chance; nil if too few boots were compared.
    package var chance: Double?
    /// Whether this is the first night that says so.
    package var isNews = true
    /// Tonight's runs that measured it.
    package var runIDs: [String] = []
    package var lastGood: Build?
    package var firstBad: Build?
    /// The search that looks for its cause; its directory's name.
    package var search: String?
    package var noSearch: SearchWish.Refusal?
    /// The command that measures it again.
    package var reproduce = ""

    package init(_ id: MetricID, before: Double, after: Double, chance: Double? = nil) {
      (self.id, self.before, self.after, self.chance) = (id, before, after, chance)
    }

    /// Whether boots of both kernels have shown it.
    package var isConfirmed: Bool { chance != nil }

    package var isWorse: Bool { (after > before) == (id.better == .lower) }

    /// The change, relative to the value before.
    package var share: Double { MetricShift(first: 0, before: before, after: after, chance: chance ?? 1).share }

    /// What a search takes for the change: the middle between both values.
    package var threshold: Double { before + (after - before) / 2 }
  }
}
