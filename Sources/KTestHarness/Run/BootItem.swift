import KTestValues

/// One guest's work, which is what the scheduler starts: cases of one group in their order. What the guest did not run
/// becomes new items.
struct BootItem: Sendable {
  /// Not empty.
  var cases: [BootCase]
  /// The place of the group in ``Plan/groups``.
  var group: Int
  /// The expected seconds; 0 where they do not matter.
  var seconds = 0.0
  /// How its guest begins, and what for.
  var role = BootPlan.Role.boot
  /// Whether the template of an earlier run was looked for.
  var isLookedUp = false

  /// The suite of the first case, which describes the guest.
  var planned: PlannedSuite { cases[0].planned }

  /// Returns the first items of a group: one that boots the guest from which others are forked, if that saves a boot, and
  /// those of the other cases.
  ///
  /// - Parameter template: the guest of an earlier round, of which all cases get clones; nil for none.
  static func items(
    of group: [PlannedSuite], at place: Int, settings: RunSettings, template: BootTemplate? = nil
  ) -> [BootItem] {
    let cases = cases(of: group, settings: settings)
    if let template { return items(of: cases, at: place, role: .clone(template)) }
    let forked = settings.forks ? settings.course.sharesBoot ? cases.forkedTogether : cases.forked : []
    guard !forked.isEmpty else { return items(of: cases, at: place) }
    let ids = Set(forked.map(\.id))
    return [BootItem(cases: forked, group: place, role: .template)]
      + items(of: cases.filter { !ids.contains($0.id) }, at: place)
  }

  /// Returns the cases of a group that run, in the order in which they do.
  static func cases(of group: [PlannedSuite], settings: RunSettings) -> [BootCase] {
    var cases = group.flatMap { planned in
      planned.cases.filter { $0.skip == nil }.map { BootCase(planned: planned, test: $0.test) }
    }
    if let seed = settings.shuffleSeed {
      var random = SeededNumbers(seed: seed)
      cases.shuffle(using: &random)
    }
    return cases
  }

  /// Returns the items of cases, in their order: one for the cases that share a guest, at the place of the first of them, and
  /// one for each case that needs its own.
  static func items(of cases: [BootCase], at place: Int, role: BootPlan.Role = .boot) -> [BootItem] {
    let shared = cases.filter { !$0.needsOwnGuest }
    return cases.compactMap { entry in
      if entry.needsOwnGuest { return BootItem(cases: [entry], group: place, role: role) }
      return entry.id == shared.first?.id ? BootItem(cases: shared, group: place, role: role) : nil
    }
  }

  /// Returns what is left to do when its guest has left these cases. After a template they are clones, each with its
  /// cases; after any other they go on together in a new guest.
  func items(for remaining: [BootCase], template: BootTemplate?, mustBoot: Bool) -> [BootItem] {
    if case .template = role {
      return BootItem.items(of: remaining, at: group, role: template.map { .clone($0) } ?? .boot)
    }
    return remaining.isEmpty ? [] : [BootItem(cases: remaining, group: group, role: mustBoot ? .boot : role)]
  }

  func isClone(of template: BootTemplate) -> Bool {
    guard case .clone(let origin) = role else { return false }
    return origin.id == template.id
  }

  var isTemplate: Bool {
    if case .template = role { true } else { false }
  }

  /// Returns what the guest takes of its host.
  ///
  /// - Parameter count: as many guests as fit leave a suite alone that measures time; a number is the user's own choice.
  func share(name: String, of count: GuestCount, settings: RunSettings) -> GuestShare {
    let suite = planned.suite
    let alone = count == .auto && cases.contains { $0.planned.suite.measuresTime(in: [$0.test]) }
    return GuestShare(
      name: name, of: suite.guest, counts: settings.adapted(to: suite.guest).countsInstructions, alone: alone)
  }
}

/// The items of a run that wait, and which groups are done.
struct BootQueue: Sendable {
  private(set) var waiting: [BootItem] = []
  /// By group: how many items wait or run.
  private var open: [Int]
  /// The first group that has not been told to be done.
  private var next = 0
  private let expected: @Sendable (BootItem) -> Double

  /// - Parameters:
  ///   - templates: guests of an earlier round by group, of which its cases get clones.
  ///   - expected: the seconds of an item, of which the longest comes first; items of the same length keep the order of
  ///     the plan, and what is left of an item goes before them.
  init(
    _ groups: [[PlannedSuite]], settings: RunSettings, templates: [Int: BootTemplate] = [:],
    expected: @escaping @Sendable (BootItem) -> Double
  ) {
    self.expected = expected
    open = groups.map { _ in 0 }
    for (place, group) in groups.enumerated() {
      let items = BootItem.items(of: group, at: place, settings: settings, template: templates[place])
      open[place] = items.count
      waiting += items.map { item in
        var item = item
        item.seconds = expected(item)
        return item
      }
    }
    let order = waiting.indices.sorted { (-waiting[$0].seconds, $0) < (-waiting[$1].seconds, $1) }
    waiting = order.map { waiting[$0] }
  }

  /// Returns the next item whose guest an earlier run may have kept, and notes that it was looked for.
  mutating func nextToLookUp() -> Int? {
    guard let place = waiting.firstIndex(where: { $0.isTemplate && !$0.isLookedUp }) else { return nil }
    waiting[place].isLookedUp = true
    return place
  }

  /// Removes an item that is started.
  mutating func take(_ place: Int) -> BootItem { waiting.remove(at: place) }

  /// How many of the items that wait are clones, by their template.
  var waitingClones: [ObjectIdentifier: Int] {
    waiting.reduce(into: [:]) { counts, item in
      if case .clone(let origin) = item.role { counts[origin.id, default: 0] += 1 }
    }
  }

  /// Notes the end of an item that was taken, and queues what it has left.
  ///
  /// - Parameters:
  ///   - template: what its guest has become.
  ///   - mustBoot: whether guests cannot be forked: a template that fails once is not used again.
  mutating func finish(
    _ item: BootItem, remaining: [BootCase], template: BootTemplate? = nil, mustBoot: Bool = false
  ) {
    open[item.group] -= 1
    var new = item.items(for: remaining, template: template, mustBoot: mustBoot)
    if mustBoot, case .clone(let origin) = item.role {
      if origin.run == nil {
        for place in waiting.indices where waiting[place].isClone(of: origin) { waiting[place].role = .boot }
      } else {
        // What an earlier run has kept is of no use; this run's own may be.
        let others = waiting.filter { $0.isClone(of: origin) }
        waiting.removeAll { $0.isClone(of: origin) }
        open[item.group] -= others.count
        new = [
          BootItem(cases: remaining + others.flatMap(\.cases), group: item.group, role: .template, isLookedUp: true)
        ]
      }
    }
    for var new in new.reversed() {
      new.seconds = expected(new)
      open[new.group] += 1
      waiting.insert(new, at: waiting.firstIndex { $0.seconds <= new.seconds } ?? waiting.endIndex)
    }
  }

  /// Returns the next group, in the order of the plan, of which nothing waits or runs any more; each is returned once.
  mutating func nextDoneGroup() -> Int? {
    guard next < open.count, open[next] == 0 else { return nil }
    next += 1
    return next - 1
  }
}
