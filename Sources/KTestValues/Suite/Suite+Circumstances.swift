/// A case that is not part of a run on some kernel, because its `when` does not hold there. It has no verdict.
package struct AbsentCase: Sendable, Equatable, Codable {
  package var name: String
  /// Why, without a subject: "is for kernels >=7.0, and this is 6.12.117".
  package var reason: String

  package init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

extension Suite {
  /// Returns the suite as it is on one kernel: without the rules whose conditions do not hold there, and without the
  /// cases that do not exist there, which are named.
  package func applied(to place: Circumstances) -> (suite: Suite, absent: [AbsentCase]) {
    var absent: [AbsentCase] = []
    var suite = keeping { $0.holds(at: place) }
    suite.cases = suite.cases.filter { test in
      guard let reason = test.when.objection(at: place) else { return true }
      absent.append(AbsentCase(name: test.name, reason: reason))
      return false
    }
    return (suite, absent)
  }

  /// Returns the suite with only those rules whose conditions hold. Cases stay.
  package func keeping(_ holds: (Condition) -> Bool) -> Suite {
    var suite = self
    suite.dmesg = dmesg.keeping(holds)
    suite.requires = requires.keeping(holds)
    suite.cases = cases.map { test in
      var test = test
      test.dmesg = test.dmesg.keeping(holds)
      test.requires = test.requires.keeping(holds)
      test.known = test.known.filter { holds($0.when) }
      test.skips = test.skips.filter { holds($0.when) }
      test.subtests = test.subtests?.keeping(holds)
      return test
    }
    return suite
  }
}

extension Requirements {
  fileprivate func keeping(_ holds: (Condition) -> Bool) -> Requirements {
    var needed = self
    needed.config.removeAll { !holds($0.when) }
    return needed
  }
}

extension DmesgRules {
  fileprivate func keeping(_ holds: (Condition) -> Bool) -> DmesgRules {
    DmesgRules(expect: expect.filter { holds($0.when) }, allow: allow.filter { holds($0.when) })
  }
}
