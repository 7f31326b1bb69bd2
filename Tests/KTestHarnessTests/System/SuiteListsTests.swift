import Testing

@testable import KTestHost

@Suite struct SuiteListsTests {
  private let mirrors = [
    ArchiveMirror(address: "https://example.org/apt/", origin: "Example", label: "Debian"),
    ArchiveMirror(address: "http://security.example.net/debian-security/", origin: "Debian", label: "Debian-Security"),
    ArchiveMirror(address: "http://mirror.example.net/pub/", origin: "Debian", label: "Debian"),
  ]

  @Test func repositoriesOfApt() {
    let text = """
      Packages\thttp://mirror.example.net/debian/\tDebian\tDebian
      DEP-11\thttp://mirror.example.net/debian/\tDebian\tDebian
      Packages\tmirror+file:/etc/apt/mirrors/debian.list\t$(ORIGIN)\t$(LABEL)
      Packages\t\t\t
      """
    #expect(
      ArchiveMirror.read(indexTargets: text) == [
        ArchiveMirror(address: "http://mirror.example.net/debian/", origin: "Debian", label: "Debian"),
        ArchiveMirror(address: "mirror+file:/etc/apt/mirrors/debian.list", origin: "", label: ""),
      ])
  }

  @Test func theMirrorOfASuite() {
    #expect(ArchiveMirror.address(for: "sid", among: mirrors) == "http://mirror.example.net/pub/")
    #expect(
      ArchiveMirror.address(for: "trixie-security", among: mirrors) == "http://security.example.net/debian-security/")
    #expect(ArchiveMirror.address(for: "sid", among: Array(mirrors.prefix(2))) == nil)
    #expect(ArchiveMirror.address(for: "sid", among: []) == nil)
  }

  @Test("before the first update of apt the address has to tell")
  func theMirrorOfAFreshMachine() {
    let fresh = ["cdrom:[Debian]/debian", "http://x.example.net/ubuntu/", "http://x.example.net/debian/"].map {
      ArchiveMirror(address: $0, origin: "", label: "")
    }
    #expect(ArchiveMirror.address(for: "sid", among: fresh) == "http://x.example.net/debian/")
    #expect(ArchiveMirror.address(for: "trixie-security", among: fresh) == nil)
  }

  @Test(
    "what apt says",
    arguments: [
      ("E: The repository 'http://x nosuch Release' does not have a Release file.", SuiteListsFailure.unknown),
      (
        """
        W: GPG error: http://x sid InRelease: The following signatures couldn't be verified: NO_PUBKEY 6ED0
        E: The repository 'http://x sid InRelease' is not signed.
        """,
        SuiteListsFailure.untrusted(
          keyring: "/k.gpg", reason: "The following signatures couldn't be verified: NO_PUBKEY 6ED0")
      ),
      (
        "E: The repository 'http://x sid Release' is not signed.",
        SuiteListsFailure.untrusted(keyring: "/k.gpg", reason: "The repository 'http://x sid Release' is not signed.")
      ),
      (
        "E: Failed to fetch http://x/InRelease  Could not connect\nE: Some index files failed to download.",
        SuiteListsFailure.unreachable(
          reason: "Failed to fetch http://x/InRelease  Could not connect; Some index files failed to download.")
      ),
    ])
  func failures(complaint: String, failure: SuiteListsFailure) {
    let told = AptFailure(tool: "apt-get", status: .exited(100), complaint: complaint)
    #expect(SuiteListsFailure(told, keyring: "/k.gpg") == failure)
  }

  @Test func theConfigurationSharesOnlyTheNetwork() {
    let text = SuiteLists.configuration(of: "/c/apt/sid", network: ["Acquire::http::Proxy \"http://p:1\";"])
    let lines = text.split(separator: "\n").map(String.init)
    #expect(lines.first == "Acquire::http::Proxy \"http://p:1\";")
    for line in [
      "Dir::Etc::parts \"/dev/null\";", "Dir::Etc::sourcelist \"/c/apt/sid/sources.list\";",
      "Dir::State::lists \"/c/apt/sid/lists\";", "Acquire::AllowInsecureRepositories \"false\";",
    ] { #expect(lines.contains(line)) }
  }
}
