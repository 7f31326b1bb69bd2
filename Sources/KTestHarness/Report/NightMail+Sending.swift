internal import Foundation
import KTestHost
import KTestValues

extension NightMail {
  /// The mail with its headers, as `sendmail -t` reads it: RFC 5322, lines that end in a newline.
  ///
  /// - Throws: ``MailProblem`` for an address that is none. It would become another header.
  package func message(to recipients: [String], from sender: String? = nil, at time: WallTime) throws(MailProblem)
    -> String
  {
    for address in recipients + (sender.map { [$0] } ?? []) where !NightMail.isAddress(address) {
      throw .badAddress(address)
    }
    var headers: [String] = []
    if let sender { headers.append("From: \(sender)") }
    headers.append("To: " + recipients.joined(separator: ",\n "))
    headers.append(NightMail.subjectHeader(subject))
    headers += [
      "Date: \(NightMail.date(time))", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
      "Content-Transfer-Encoding: 8bit", "Auto-Submitted: auto-generated",
      "X-ktest-night: \(NightMail.plain(record.id))",
    ]
    return headers.joined(separator: "\n") + "\n\n" + text
  }

  /// Hands the mail to the host's mail system.
  ///
  /// - Throws: ``MailProblem``.
  package func send(
    to recipients: [String], from sender: String? = nil, at time: WallTime, program: String? = nil
  ) async throws {
    let message = try message(to: recipients, from: sender, at: time)
    guard let sendmail = program ?? NightMail.sendmail else { throw MailProblem.noProgram }
    let result: HostProgramResult
    do {
      result = try await HostProgram(sendmail, ["-t", "-i"], input: .bytes(Array(message.utf8))).collect(limit: 1 << 16)
    } catch let failure as HostProgramFailure { throw MailProblem.refused("\(failure)") }
    guard result.succeeded else {
      let told = result.complaint.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
      let words = TerminalText.line(sanitised(told), limit: 300)
      throw MailProblem.refused(words.isEmpty ? "nothing" : words)
    }
  }

  private static var sendmail: String? {
    HostProgram.path(of: "sendmail")
      ?? ["/usr/sbin/sendmail", "/usr/lib/sendmail"].first(where: HostProgram.isExecutable)
  }

  /// Whether it is an address that cannot become anything else in a header: `name@host`, or `Name <name@host>`.
  package static func isAddress(_ text: String) -> Bool {
    guard !text.isEmpty, text.utf8.count <= 254, text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) else { return false }
    var address = Substring(text)
    if text.hasSuffix(">") {
      guard let open = text.firstIndex(of: "<") else { return false }
      address = text[text.index(after: open)...].dropLast()
      let name = text[..<open]
      guard name.allSatisfy({ $0.isLetter || $0.isNumber || " .-_'".contains($0) }) else { return false }
    }
    let parts = address.split(separator: "@", omittingEmptySubsequences: false)
    // A mail to a user of this host has no `@`.
    return parts.count <= 2
      && parts.allSatisfy { part in
        !part.isEmpty && part.first != "-" && part.allSatisfy { $0.isLetter || $0.isNumber || "._+-=".contains($0) }
      }
  }

  /// One line of visible ASCII: what a kernel named must not begin another header.
  private static func plain(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(200).filter { (" "..."~").contains($0) }))
  }

  /// The subject, folded where it is long, and encoded by RFC 2047 where it is not ASCII.
  static func subjectHeader(_ subject: String) -> String {
    let line = TerminalText.line(sanitised(subject), limit: 400)
    guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }), !line.contains("=?") else {
      var words: [String] = []
      var piece: [UInt8] = []
      for scalar in line.unicodeScalars {
        let bytes = Array(String(scalar).utf8)
        // An encoded word has at most 75 characters.
        if piece.count + bytes.count > 42 {
          words.append(encoded(piece))
          piece = []
        }
        piece += bytes
      }
      words.append(encoded(piece))
      return "Subject: " + words.joined(separator: "\n ")
    }
    var folded = "Subject:"
    var width = folded.count
    for word in line.split(separator: " ") {
      if width + 1 + word.count > columns, width > 1 {
        folded += "\n"
        width = 0
      }
      folded += " " + word.prefix(900)
      width += 1 + word.count
    }
    return folded
  }

  private static func encoded(_ bytes: [UInt8]) -> String { "=?utf-8?B?\(Data(bytes).base64EncodedString())?=" }

  /// `Sun, 29 Nov 2026 02:15:00 +0000`.
  static func date(_ time: WallTime) -> String {
    let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let iso = time.iso
    let day = Int((Double(time.milliseconds) / 86_400_000).rounded(.down))
    let parts = iso.prefix(10).split(separator: "-")
    guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1), let date = Int(parts[2])
    else { return iso }
    return "\(days[((day % 7) + 7) % 7]), \(date) \(months[month - 1]) \(parts[0]) \(iso.dropFirst(11).prefix(8)) +0000"
  }
}

/// The reasons why a mail was not sent.
package enum MailProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case badAddress(String)
  case noProgram
  case refused(String)
  case unwritable(path: String, reason: String)

  package var description: String {
    switch self {
    case .badAddress(let address): "'\(address)' is not an address for mail, such as mm-ci@example.org"
    case .noProgram: "there is no sendmail on this host; install a mail system, or have the mail written to a file"
    case .unwritable(let path, let reason): "cannot write the mail \(path): \(reason)"
    case .refused(let reason): "the mail was not sent; sendmail said: \(reason)"
    }
  }
}
