import KTestGuests
import KTestValues

extension Plan {
  /// Returns what workers are to run in a round, the longest first.
  ///
  /// Cases that share a guest stay together. Of cases that have their own, each worker gets some, so that the guest from
  /// which theirs are forked is booted once a worker.
  ///
  /// - Parameters:
  ///   - firstBoot: the number of the first boot of the round.
  ///   - workers: how many can be busy at a time.
  ///   - needsKVM: whether a host without KVM will not do.
  ///   - seconds: the expected seconds of an item.
  func orders(
    round: Int, firstBoot: Int, workers: Int, needsKVM: Bool, seconds: (BootItem) -> Double
  ) -> [GroupOrder] {
    var orders: [GroupOrder] = []
    for (place, group) in groups.enumerated() {
      let cases = BootItem.cases(of: group, settings: settings)
      // Rounds in clones of one guest are one worker's.
      let workers = settings.course.sharesBoot ? 1 : workers
      for pack in Plan.packs(BootItem.items(of: cases, at: place), of: workers, seconds) {
        orders.append(order(of: pack, in: group, cases: cases, round: round, needsKVM: needsKVM))
      }
    }
    orders = orders.enumerated().sorted { (-$0.element.seconds, $0.offset) < (-$1.element.seconds, $1.offset) }.map(
      \.element)
    var boot = firstBoot
    for place in orders.indices {
      (orders[place].number, orders[place].firstBoot) = (place + 1, boot)
      boot += orders[place].mostBoots
    }
    return orders
  }

  /// Returns items in at most so many packs of about the same length: each in turn goes to the shortest, the longest first.
  private static func packs(
    _ items: [BootItem], of workers: Int, _ seconds: (BootItem) -> Double
  ) -> [(items: [BootItem], seconds: Double)] {
    let timed = items.map { ($0, seconds($0)) }.enumerated()
      .sorted { (-$0.element.1, $0.offset) < (-$1.element.1, $1.offset) }.map(\.element)
    var packs: [(items: [BootItem], seconds: Double)] = []
    for (item, seconds) in timed {
      if packs.count < max(1, workers) {
        packs.append(([item], seconds))
      } else if let place = packs.indices.min(by: { packs[$0].seconds < packs[$1].seconds }) {
        packs[place].items.append(item)
        packs[place].seconds += seconds
      }
    }
    return packs
  }

  private func order(
    of pack: (items: [BootItem], seconds: Double), in group: [PlannedSuite], cases: [BootCase], round: Int,
    needsKVM: Bool
  ) -> GroupOrder {
    let chosen = Set(pack.items.flatMap(\.cases).map(\.id))
    let parts = group.compactMap { planned -> GroupOrder.Part? in
      // Of one suite, the order may be that of a seed.
      let all = group.count == 1 ? cases.map(\.test.name) : planned.cases.map(\.test.name)
      let names = all.filter { chosen.contains(BootCase.id(suite: planned.suite.name, name: $0)) }
      return names.isEmpty ? nil : GroupOrder.Part(planned, cases: names)
    }
    var own = GroupOrder.Settings(settings)
    // The cases are in its order already.
    if group.count == 1 { own.shuffleSeed = nil }
    let suite = group[0].suite
    let adapted = settings.adapted(to: suite.guest)
    let share = GuestShare(name: "", of: suite.guest, counts: adapted.countsInstructions, alone: false)
    // A host without KVM takes longest.
    var slowest = adapted
    if !needsKVM { slowest.accelerator = .tcg }
    let rounds = Double(settings.course.sharesBoot ? settings.course.limit : 1)
    // Each case may be tried again, hang, be looked into, and need another boot; limits grow on a busy host.
    let attempts = Double(1 + settings.course.retries)
    let boot = slowest.scaled(slowest.bootTimeout).inSeconds
    let limits = pack.items.flatMap(\.cases).reduce(0.0) { sum, entry in
      sum + attempts * (slowest.limit(of: entry.test).inSeconds * Double(BootSession.most) + 2 * boot)
    }
    let boots = boot * Double(pack.items.count + 1)
    return GroupOrder(
      number: 0, round: round, firstBoot: 0, parts: parts, settings: own,
      needs: GroupOrder.Needs(
        memory: share.memory, processors: share.processors, kvm: needsKVM && !adapted.countsInstructions),
      seconds: pack.seconds * rounds, mostSeconds: limits * rounds + boots)
  }
}

extension GroupOrder {
  /// The most boots that it can have: three for each attempt at a case, which runs again after a fault of the emulator and
  /// after a guest in which it could not be started, each twice if the emulator fails while it boots, and two for a
  /// template.
  var mostBoots: Int { rounds.count * (2 + 6 * cases * (1 + settings.course.retries)) }
}
