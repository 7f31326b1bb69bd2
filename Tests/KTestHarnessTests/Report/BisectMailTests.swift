import Testing

@testable import KTestHarness

struct BisectMailTests {
  private func mail(subject: String = "mm/gup: drop the page map on every way out") -> BisectMail {
    let hash = "c237c2e00000000000000000000000000000beef"
    return BisectMail(
      culprit: .init(reference: "c237c2e00000 (\"\(subject)\")", hash: hash, subject: subject),
      test: "device-dax:io-2m", target: "WARNING in percpu_ref_switch_to_atomic_rcu",
      splat: ["WARNING: CPU: 1 PID: 0 at lib/percpu-refcount.c:197", "Call Trace:", " rcu_core+0x1/0x2"],
      environment: [("kernel", "6.12.117"), ("guest", "2 CPUs, 8GiB")],
      reproduce: "ktest run device-dax:io-2m --kernel .",
      verification: [
        "The commit and its parent were run again by turns: 3 of 3 runs of the commit show it, 0 of 3 of the parent do."
      ],
      good: "v6.12", bad: "master", recipients: ["A <a@example.org>", "linux-mm@kvack.org", "b@example.org"])
  }

  @Test func reads() { ReportGolden.expect(mail().text, is: "bisect-mail.txt") }

  @Test func aHostileSubjectStaysInItsHeader() {
    let text = mail(subject: "x\r\nBcc: victim@example.org\u{1b}[2J").text
    let headers = text.split(separator: "\n\n", maxSplits: 1)[0].split(separator: "\n")
    #expect(!headers.contains { $0.hasPrefix("Bcc") })
    #expect(!text.contains("\u{1b}"))
  }
}
