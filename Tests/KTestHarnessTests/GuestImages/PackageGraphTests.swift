import Testing

@testable import KTestHost
@testable import KTestValues

@Suite struct PackageGraphTests {
  @Test func takesOneOfEachAlternative() throws {
    let text = String(decoding: try imageFixture("apt-depends.txt"), as: UTF8.self)
    let graph = PackageGraph(aptCacheDepends: text)
    #expect(
      graph.dependencies["tool"]
        == ["init-system-helpers", "libc6", "editor-a", "libtool1", "postfix"])
    #expect(graph.dependencies["init-system-helpers"] == ["usrmerge"])
    #expect(graph.dependencies["libtool1"] == ["libc6"])
    #expect(graph.dependencies["usrmerge"] == ["perl"])
    #expect(graph.dependencies["perl"] == [])
    #expect(
      graph.closure(of: "tool") == [
        "tool", "init-system-helpers", "libc6", "editor-a", "libtool1", "postfix", "usrmerge", "libgcc-s1",
        "perl",
      ])
    #expect(graph.closure(of: "nothing") == ["nothing"])
  }

  @Test func readsCandidates() throws {
    let packages = DebianPackage.read(
      aptCacheShow: String(decoding: try imageFixture("apt-show.txt"), as: UTF8.self))
    #expect(packages.map(\.name).sorted() == ["libc6", "tool"])
    #expect(packages.first { $0.name == "tool" }?.text == "tool=76.1-1")
    #expect(packages.first { $0.name == "libc6" }?.folder == "libc6_2:2.36-9+deb12u14_amd64")
  }

  @Test(arguments: [
    ("libndctl6", "libndctl.so.6", true), ("libssl3t64", "libssl.so.3", true), ("libssl3", "libcrypto.so.3", false),
    ("libjson-c5", "libjson-c.so.5", true), ("libfoo1-2", "libfoo1.so.2", true), ("libc6", "libc.so.6", true),
    ("libc6", "/lib64/ld-linux-x86-64.so.2", true), ("libgcc-s1", "libgcc_s.so.1", true), ("perl", "libperl", false),
  ])
  func guessesAPackageFromASoname(_ package: String, _ library: String, _ expected: Bool) {
    #expect(PackageCollection.isName(package, of: library) == expected)
  }
}

@Suite struct CheckoutLocationTests {
  @Test(arguments: [
    ("../ndctl", CheckoutLocation.folder("../ndctl")),
    ("/src/with@sign", .folder("/src/with@sign")),
    ("dir/a@b:c", .folder("dir/a@b:c")),
    ("https://host/ndctl.git", .git(url: "https://host/ndctl.git", revision: nil)),
    ("https://host/ndctl.git@v81", .git(url: "https://host/ndctl.git", revision: "v81")),
    ("https://user@host/ndctl", .git(url: "https://user@host/ndctl", revision: nil)),
    ("ssh://git@host/ndctl@topic/one", .git(url: "ssh://git@host/ndctl", revision: "topic/one")),
    ("git@host:pmem/ndctl.git", .git(url: "git@host:pmem/ndctl.git", revision: nil)),
    ("git@host:pmem/ndctl.git@v81", .git(url: "git@host:pmem/ndctl.git", revision: "v81")),
    ("file:///src/ndctl@", .git(url: "file:///src/ndctl", revision: "")),
  ])
  func isReadFromText(_ text: String, _ expected: CheckoutLocation) {
    #expect(CheckoutLocation(text) == expected)
  }
}

@Suite struct PathsTests {
  @Test func arithmetic() {
    #expect(Paths.normalized("/a/./b/../c//d") == "/a/c/d")
    #expect(Paths.normalized("/../../a") == "/a")
    #expect(Paths.parent("/a/b") == "/a")
    #expect(Paths.parent("/a") == "/")
    #expect(Paths.parent("a") == ".")
    #expect(Paths.parent("/") == "/" && Paths.parent("a//b/") == "a")
    #expect(Paths.last("/a/b") == "b" && Paths.last("/") == "/" && Paths.last("a/b/") == "b")
    #expect(Paths.normalized("../a/../../b") == "../../b")
    // What a file of somebody else's says cannot be what it seems.
    #expect(Paths.last("/a/b\0/c") == "b" && Paths.normalized("/a\0/../b") == "/a")
    #expect(ImagePath.expand("$ORIGIN/../lib", origin: "/o") == "/o/../lib")
    #expect(ImagePath.expand("/x/${ORIGIN}", origin: "/o") == "/x//o")
    #expect(ImagePath.expand("/plain", origin: "/o") == "/plain")
  }
}
