/// A service of systemd that runs a plan, and the timer that starts it every night.
package struct NightTimer: Sendable, Equatable {
  /// The path of `ktest`.
  package var program: String
  /// What is behind `ktest nightly`, with whole paths.
  package var arguments: [String]
  package var plan: String

  package init(program: String, arguments: [String], plan: String) {
    (self.program, self.arguments, self.plan) = (program, arguments, plan)
  }

  private var name: String { "ktest-\(plan)" }

  /// Both units, with what to do with them.
  package var text: String {
    let command = ([program, "nightly"] + arguments).map(NightTimer.quoted).joined(separator: " ")
    return """
      # Write these two files, then: systemctl --user daemon-reload && systemctl --user enable --now \(name).timer
      # So that it also runs while you are not logged in: loginctl enable-linger
      #
      # ~/.config/systemd/user/\(name).service
      [Unit]
      Description=ktest's night of \(plan)

      [Service]
      Type=oneshot
      ExecStart=\(command)
      # What 1 and 2 mean is in the night's record; it is no failure of the service.
      SuccessExitStatus=1 2
      TimeoutStartSec=infinity
      # The guests are ended, and the record is written.
      TimeoutStopSec=5min
      Nice=10

      # ~/.config/systemd/user/\(name).timer
      [Unit]
      Description=ktest's night of \(plan)

      [Timer]
      OnCalendar=*-*-* 01:00:00
      # A machine that was off, or a night that was interrupted by a reboot.
      Persistent=true

      [Install]
      WantedBy=timers.target

      """
  }

  /// Quotes a word for `ExecStart` (systemd.service(5)).
  private static func quoted(_ word: String) -> String {
    let safe = word.replacing("\\", with: "\\\\").replacing("%", with: "%%").replacing("$", with: "$$")
    let isPlain =
      !word.isEmpty
      && word.utf8.allSatisfy {
        $0 > 32 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "'") && $0 != UInt8(ascii: ";")
      }
    return isPlain ? safe : "\"" + safe.replacing("\"", with: "\\\"") + "\""
  }
}
