package import KTestValues

/// The content of a file that names hosts which are reached by ssh.
package struct SSHHosts: Codable, Sendable, Equatable {
  package var hosts: [Host]
  /// A configuration of ssh for all of them; nil for the user's.
  package var configuration: String?
  /// The seconds for which a host may be silent before its groups run elsewhere.
  package var patience: Double

  package struct Host: Codable, Sendable, Equatable {
    package var name: String
    /// What ssh calls: `HOST`, `USER@HOST`, or an alias of its configuration.
    package var target: String
    /// Nil for ssh's own.
    package var port: Int?
    /// How many groups run there at a time.
    package var slots: Int
    package var tags: [String]
    /// The folder of the work, below the home directory there if it is relative.
    package var directory: String
    /// The path of ktest there; nil if it is sent.
    package var ktest: String?
  }

  /// All keys of such a file.
  package static let shape = SchemaShape(
    "hosts", "a file of hosts",
    [
      .init(
        "hosts", .list(.map(hostShape), nonEmpty: true), "The hosts.",
        example: "[{name: epyc-1, address: 'ktest@epyc-1:22', slots: 8, tags: [kvm, la57]}]", required: true),
      .init(
        "ssh_config", .text(), "A configuration file of ssh for all hosts, instead of the user's own.",
        example: "lab/ssh_config"),
      .init(
        "patience", .duration,
        "How long a host may be silent before its groups run elsewhere; the default is 5 minutes.",
        example: "10m"),
    ])

  static let hostShape = SchemaShape(
    "host", "a host",
    [
      .init(
        "name", .text(pattern: "^[A-Za-z0-9][A-Za-z0-9._-]*$"), "Its name in results.", example: "epyc-1",
        required: true),
      .init(
        "address", .text(),
        "What ssh calls: USER@HOST:PORT, HOST, or an alias of its configuration; the default is the name.",
        example: "'ktest@10.0.0.7:22'"),
      .init("slots", .integer(1...1024), "How many groups run there at a time; the default is 1.", example: "4"),
      .init("tags", .list(.text()), "What it has, for people and for later.", example: "[kvm, la57]"),
      .init(
        "directory", .text(),
        "The folder of the work, below the home directory there; the default is .cache/ktest-work.",
        example: "scratch/ktest"),
      .init(
        "ktest", .text(), "The path of ktest there; without it this ktest is sent.", example: "/usr/local/bin/ktest"),
    ])

  /// Parses and checks the text of such a file. If there is an error among the diagnostics, the hosts are nil. `file` is
  /// for the diagnostics.
  package static func read(bytes: [UInt8], file: String) -> (hosts: SSHHosts?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    guard let root = YAMLReader.read(bytes: bytes, diagnostics: diagnostics),
      let map = YAMLMapReader(root, shape, diagnostics)
    else { return (nil, diagnostics.all) }
    var names: Set<String> = []
    let hosts = map.list("hosts", of: "hosts") { node -> Host? in
      guard let map = YAMLMapReader(node, hostShape, diagnostics), let host = Host(map) else { return nil }
      if !names.insert(host.name).inserted {
        map.error("name", "two hosts have the name \(Phrase.quoted(host.name))")
      }
      return host
    }
    if let hosts, hosts.isEmpty { map.error("hosts", "there is no host") }
    let configuration = map.has("ssh_config") ? map.value("ssh_config", "a path", plainPath) : nil
    let patience = map.duration("patience")?.duration.inSeconds ?? 300
    guard !diagnostics.hasErrors, let hosts else { return (nil, diagnostics.all) }
    return (SSHHosts(hosts: hosts, configuration: configuration, patience: patience), diagnostics.all)
  }

  /// ssh hands a command to a shell, and rsync splits its own at blanks: paths have no character that means anything there.
  fileprivate static func plainPath(_ text: String) throws(ValueProblem) -> String {
    let allowed = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
        UInt8(ascii: "-"), UInt8(ascii: "+"):
        true
      default: false
      }
    }
    guard allowed, !text.isEmpty, !text.hasPrefix("-"), !text.split(separator: "/").contains("..") else {
      throw ValueProblem(
        "\(Phrase.quoted(text)) cannot be a path on another host",
        note: "use letters, digits and / . _ - +, and no '..'")
    }
    return text
  }
}

extension SSHHosts.Host {
  fileprivate init?(_ map: YAMLMapReader) {
    let name = map.value("name", "a name") { text throws(ValueProblem) in try SSHHosts.Host.word(text) }
    let address = map.has("address") ? map.value("address", "an address", SSHHosts.Host.address) : nil
    func path(_ key: String) -> String? { map.has(key) ? map.value(key, "a path", SSHHosts.plainPath) : nil }
    let (directory, ktest) = (path("directory") ?? ".cache/ktest-work", path("ktest"))
    let slots = map.integer("slots", in: 1...1024) ?? 1
    let tags = map.strings("tags") ?? []
    guard let name else { return nil }
    self.init(
      name: name, target: address?.target ?? name, port: address?.port, slots: slots, tags: tags, directory: directory,
      ktest: ktest)
  }

  private static func word(_ text: String) throws(ValueProblem) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
        || (byte < 128 && Character(UnicodeScalar(byte)).isLetter) || (byte >= 48 && byte <= 57)
    }
    guard isWord, !text.isEmpty, !text.hasPrefix("-"), !text.hasPrefix(".") else {
      throw ValueProblem("\(Phrase.quoted(text)) cannot be a host's name", note: "use letters, digits and . _ -")
    }
    return text
  }

  private static func address(_ text: String) throws(ValueProblem) -> (target: String, port: Int?) {
    var (rest, user, port) = (Substring(text), "", Int?.none)
    if let at = rest.lastIndex(of: "@") {
      user = try word(String(rest[..<at])) + "@"
      rest = rest[rest.index(after: at)...]
    }
    var host = String(rest)
    if rest.hasPrefix("["), let end = rest.firstIndex(of: "]") {
      // An IPv6 address has colons of its own.
      host = String(rest[rest.index(after: rest.startIndex)..<end])
      rest = rest[rest.index(after: end)...]
      guard !host.isEmpty,
        host.utf8.allSatisfy({ $0 == 58 || $0 == 46 || Character(UnicodeScalar($0)).isHexDigit })
      else {
        throw ValueProblem("\(Phrase.quoted(host)) is no address", note: "write USER@HOST:PORT")
      }
    } else {
      if let colon = rest.firstIndex(of: ":") { host = String(rest[..<colon]) }
      rest = rest.dropFirst(host.count)
      host = try word(host)
    }
    if rest.hasPrefix(":") {
      guard let number = Int(rest.dropFirst()), (1...65_535).contains(number) else {
        throw ValueProblem("\(Phrase.quoted(String(rest.dropFirst()))) is no port", note: "write USER@HOST:PORT")
      }
      port = number
    } else if !rest.isEmpty {
      throw ValueProblem("\(Phrase.quoted(text)) is no address", note: "write USER@HOST:PORT")
    }
    return (user + host, port)
  }
}
