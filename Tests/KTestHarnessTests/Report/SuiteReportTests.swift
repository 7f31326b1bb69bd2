import Testing

@testable import KTestHarness
@testable import KTestValues

@Suite("What a suite is made of, for people") struct SuiteReportTests {
  private let text = """
    suite: demo
    description: Everything that is shown.
    matrix: {thp: [always, madvise]}
    cases:
      - name: private
        description: The private variant.
        run: [x]
        tags: [hmm, thp]
        when: {kernel: ">=6.13 <7.0", config: [HMM], thp: always}
        subtests: [{count: 29, when: {kernel: "<7.0-rc1"}}, all]
        skips: [{subtest: "a*", says: no device, reason: there is none, when: {arch: x86_64}}]
        known: [{subtest: b, reason: refused}]
        flaky: {reason: a deadline, link: "https://x/", retries: 2}
        dmesg: {expect: [{match: [one, two], count: 2, when: {cmdline: [nokaslr]}}]}
      - {name: plain, run: [x]}

    """

  @Test func allThatIsSaidOfACase() throws {
    let suite = try #require(Suite.read(bytes: Array(text.utf8), file: "t").suite)
    let absent = [(kernel: "6.12", cases: [AbsentCase(name: "private", reason: "is for kernels >=6.13 <7.0")])]
    #expect(
      suiteReport(suite, absent: absent, style: .plain) == """
        demo
          Everything that is shown.
          thp: always, madvise

          private
                      The private variant.
            tags      hmm, thp
            when      thp always, kernel >=6.13 <7.0, CONFIG_HMM
            subtests  29 when kernel <7.0-rc1; all
            skips     a* saying 'no device': there is none when x86_64
            known     b: refused
            flaky     a deadline (https://x/); --retry 2 at most
            expects   'one' or 'two', 2 times when nokaslr
            absent    on 6.12: it is for kernels >=6.13 <7.0

          plain


        """)
  }
}
