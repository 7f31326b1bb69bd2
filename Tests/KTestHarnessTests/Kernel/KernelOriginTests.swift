import Foundation
import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

struct KernelOriginTests {
  static let origins: [(origin: KernelOrigin, text: String, argument: String?)] = [
    (.path("/a b/linux"), "/a b/linux", "/a b/linux"),
    (.path("/k (old)/vmlinux"), "/k (old)/vmlinux", "/k (old)/vmlinux"),
    (.packageFile("/a b/k.deb", sha256: "00ff"), "/a b/k.deb (sha256 00ff)", "/a b/k.deb"),
    (.debian(name: "6.12-cloud"), "debian:6.12-cloud", "debian:6.12-cloud"),
    (
      .debian(name: "6.12-cloud", package: "linux-image-6.12.9-cloud-amd64", version: "6.12.9-1~bpo12+1"),
      "debian:6.12-cloud (linux-image-6.12.9-cloud-amd64 6.12.9-1~bpo12+1)", "debian:6.12-cloud"
    ),
    (
      .debian(name: nil, package: "linux-image-6.1.0-9-amd64", version: "6.1.27-1"),
      "linux-image-6.1.0-9-amd64 6.1.27-1",
      "debian:linux-image-6.1.0-9-amd64"
    ),
    (
      .debian(name: "7.2@sid", package: "linux-image-7.2.13-amd64", version: "7.2.13-1", suite: "sid"),
      "debian:7.2@sid (linux-image-7.2.13-amd64 7.2.13-1)", "debian:7.2@sid"
    ),
    (
      .debian(name: nil, package: "linux-image-7.2.13-amd64", version: "7.2.13-1", suite: "sid"),
      "linux-image-7.2.13-amd64 7.2.13-1", "debian:linux-image-7.2.13-amd64@sid"
    ),
    (
      KernelOrigin.source(package: "linux-source-6.12").built(
        at: "/c/build-1", state: "files:ab12", base: "defconfig", compiler: "gcc (Debian) 12.2.0, GNU ld 2.40"),
      "/c/build-1 (built from debian:linux-source-6.12, files:ab12, defconfig, gcc (Debian) 12.2.0, GNU ld 2.40)",
      "/c/build-1"
    ),
    (.extracted(sha256: "00ff"), "extracted from a bzImage with sha256 00ff", nil),
  ]

  @Test func eachKindHasItsTextAndWhatFindsItAgain() throws {
    for (origin, text, argument) in Self.origins {
      #expect("\(origin)" == text)
      #expect(origin.argument == argument)
      #expect(try JSONDecoder().decode(KernelOrigin.self, from: JSONEncoder().encode(origin)) == origin)
    }
    let source = KernelOrigin(.revision(tree: "../a b", revision: "v6.12"))
    #expect("\(source)" == "../a b@v6.12" && source.argument == "../a b@v6.12")
  }

  @Test func theSourcePackageOfAKernelPackage() {
    let own = KernelOrigin.debian(
      name: "6.1-cloud", package: "linux-image-6.1.0-57-cloud-amd64-unsigned", version: "6.1.192-3")
    #expect(own.sourcePackage(release: "6.1.0-57-cloud-amd64") == "linux-source-6.1")
    let other = KernelOrigin.debian(
      name: "7.3@sid", package: "linux-image-7.3.4-amd64", version: "7.3.4-1", suite: "sid")
    #expect(other.sourcePackage(release: "7.3.4-amd64") == "linux-source-7.3@sid")
    #expect(other.sourcePackage(release: "7") == nil)
    #expect(KernelOrigin.path("/k").sourcePackage(release: "7.3.4") == nil)
  }

  @Test func aReportForOthersNamesNoPlaceOfThisMachine() {
    let texts = Self.origins.map(\.origin.brief)
    #expect(
      texts == [
        "linux", "vmlinux", "k.deb", "debian:6.12-cloud", "linux-image-6.12.9-cloud-amd64 6.12.9-1~bpo12+1",
        "linux-image-6.1.0-9-amd64 6.1.27-1", "linux-image-7.2.13-amd64 7.2.13-1", "linux-image-7.2.13-amd64 7.2.13-1",
        "built from debian:linux-source-6.12, defconfig", "extracted from a bzImage with sha256 00ff",
      ])
    let built = KernelOrigin.source(tree: "/home/me/linux").built(
      at: "/c/b", state: "git:0123456789abcdef", base: "/home/me/my.config", compiler: "gcc")
    #expect(built.brief == "built from linux@0123456789ab, my.config")
    #expect(KernelOrigin.packageFile("/a/x.deb,/b/y.deb", sha256: "0").brief == "x.deb, y.deb")
  }

  @Test("the text that earlier versions kept is read into the same value")
  func formerTexts() {
    // Earlier versions knew no suites.
    for (origin, text, _) in Self.origins where origin.suite == nil { #expect(KernelOrigin(former: text) == origin) }
    // Of a tree at a revision the text does not say where the one ends and the other begins; its parts are not asked for.
    let built = KernelOrigin(former: "/c/build-2 (built from ../a, b@v6.12, git:12ab34+ff, allnoconfig, gcc 12, ld 2)")
    #expect(built.argument == "/c/build-2" && built.tree == "../a, b@v6.12")
    #expect(built.commit == "12ab34" && built.state == "git:12ab34+ff")
    #expect(built.base == "allnoconfig" && built.compiler == "gcc 12, ld 2")
    #expect(KernelOrigin(former: "").argument == "")
    #expect(KernelOrigin(former: "debian:6.12 (").argument == "debian:6.12 (")
  }

  @Test func aCommitIsReadFromTheStateOfItsSource() {
    let source = KernelOrigin.source(tree: "/linux", revision: "HEAD")
    func commit(_ state: String) -> String? { source.built(at: "/k", state: state, base: "b", compiler: "c").commit }
    #expect(commit("git:12ab34") == "12ab34" && commit("git:12ab34+00ff") == "12ab34")
    #expect(commit("git:12ab34-56cd") == "12ab34" && commit("files:12ab34") == nil)
  }

  @Test func tagsAreLookedForByVersionAndRelease() {
    let debian = KernelOrigin.debian(name: "6.1", package: "linux-image-6.1.0-56-amd64", version: "6.1.176-1")
    #expect(debian.stableVersions(release: "6.1.0-56-amd64") == ["6.1.176"])
    #expect(KernelOrigin.path("/linux-5.10.7/vmlinux").stableVersions(release: "6.12.117+deb12") == ["6.12.117"])
  }

  /// A manifest and a record of the cache as earlier versions wrote them, and what a kind of a later version makes of one.
  @Test func formerAndLaterFilesAreRead() throws {
    func kernel(_ origin: String) throws -> RunManifest.Kernel {
      let text = #"{"label":"k","source":"/a b/linux","release":"6.12","image":"/i","identity":"0"\#(origin)}"#
      return try JSONDecoder().decode(RunManifest.Kernel.self, from: Data(text.utf8))
    }
    #expect(try kernel("").source == .path("/a b/linux"))
    #expect(try kernel(#","origin":{"kind":"moon","crater":"Tycho"}"#).source == .path("/a b/linux"))
    #expect(try kernel(#","origin":{"kind":"debian","name":"6.12"}"#).argument == "debian:6.12")
    let record = #"""
      {"label":"k","release":"6.12","imagePath":"vmlinux","imageFormat":"vmlinux","architecture":"x86_64",
      "moduleLayout":"installed","identity":"0","source":"linux-image-x 1"}
      """#
    let build = try JSONDecoder().decode(KernelBuild.self, from: Data(record.utf8))
    #expect(build.source == .debian(name: nil, package: "linux-image-x", version: "1"))
  }
}
