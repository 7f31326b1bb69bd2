import Foundation
import KTestHost
import KTestValues
import Subprocess

/// What apt's programs say of packages, through our readers; and packages that are damaged, through dpkg-deb and all that
/// follows.
struct PackageFuzz: FuzzTarget {
  static let name = "deb"
  private let lists: Mutator
  /// nil where there is no dpkg-deb.
  private let packages: Mutator?
  private let rpms: Mutator
  private let resolver: KernelResolving

  private static let words = [
    "Package: ", "Version: ", "Architecture: ", "Filename: ", "Depends: ", "Size: ", "\n", "\n\n", " | ", ", ", " (>= ",
    ")",
    ": ", ":", "/", "../", "-", "--", "~", "+", "<virtual>", "  Depends: ", " |Depends: ", "  PreDepends: ", "    ",
    "linux-image-6.12.9+deb13-cloud-amd64-unsigned\n", "linux-image-amd64\n", "E: ", "=== show\n", "=== depends\n",
  ]

  private static let names = """
    linux-image-6.12.9+deb13-cloud-amd64
    linux-image-6.12.9+deb13-cloud-amd64-unsigned
    linux-image-6.12.10+deb13-amd64
    linux-image-6.1.0-56-cloud-amd64
    linux-image-6.1.0-9-rt-amd64-dbg
    linux-image-cloud-amd64

    """

  init(_ files: SeedFiles) async throws {
    let fixtures = "\(files.root)/Tests/KTestHarnessTests/Fixtures/Image"
    let (show, depends) = (
      try String(contentsOfFile: "\(fixtures)/apt-show.txt", encoding: .utf8),
      try String(contentsOfFile: "\(fixtures)/apt-depends.txt", encoding: .utf8)
    )
    let kernel = """
      Package: linux-image-6.12.9+deb13-cloud-amd64
      Version: 6.12.9-1~bpo12+1
      Architecture: amd64
      Depends: kmod, linux-base (>= 4.3~), initramfs-tools (>= 0.120+deb8u2) | linux-initramfs-tool
      Size: 24000000
      Filename: pool/main/l/linux/x.deb
      Description: Linux
       more of it

      """
    lists = Mutator(
      seeds: [
        JoinedFiles.join([("show", show), ("depends", depends), ("names", Self.names)]),
        JoinedFiles.join([("show", kernel), ("names", Self.names)]),
      ], words: Self.words)
    resolver = KernelResolving(scratch: files.scratch)
    rpms = Mutator(
      seeds: [
        SeedRPM.make(files: [
          ("lib/modules/6.12.117-test/vmlinuz", SeedImages.bzImage(payload: [])),
          ("lib/modules/6.12.117-test/kernel/dax.ko", SeedImages.module),
        ])
      ], words: ["070701", "TRAILER!!!", "../", "/etc", "\u{ed}\u{ab}", "x86_64\0"], isText: false)
    packages = try await Self.packages(in: files.scratch).map {
      Mutator(
        seeds: $0, words: ["ustar", "debian-binary", "control.tar", "data.tar", "../", "/etc", "`\n", "2.0\n"],
        isText: false)
    }
  }

  /// The same package with its parts plain, so that what is mutated is a tar archive, and packed.
  private static func packages(in scratch: String) async throws -> [[UInt8]]? {
    let root = "\(scratch)/package"
    let modules = "lib/modules/6.12.117-test"
    let contents: [(String, [UInt8])] = [
      (
        "DEBIAN/control",
        Array("Package: x\nVersion: 1\nArchitecture: amd64\nMaintainer: n <n@example.org>\nDescription: x\n".utf8)
      ),
      ("boot/vmlinuz-6.12.117-test", SeedImages.bzImage(payload: [])),
      ("boot/config-6.12.117-test", Array("CONFIG_DEV_DAX=m\n".utf8)),
      ("\(modules)/modules.builtin", Array("kernel/x.ko\n".utf8)),
      ("\(modules)/kernel/dax.ko", SeedImages.module),
    ]
    for (name, bytes) in contents {
      let file = URL(filePath: "\(root)/\(name)")
      try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(bytes).write(to: file)
    }
    chmod("\(root)/\(modules)/kernel/dax.ko", 0o4755)
    try? FileManager.default.createSymbolicLink(atPath: "\(root)/\(modules)/build", withDestinationPath: "/usr/src/x")
    mkfifo("\(root)/\(modules)/pipe", 0o644)
    var seeds: [[UInt8]] = []
    for packing in ["-Znone", "-Zgzip"] {
      let file = "\(scratch)/seed.deb"
      let result = try? await Subprocess.run(
        .name("dpkg-deb"), arguments: ["--build", "--root-owner-group", "--uniform-compression", packing, root, file],
        output: .discarded, error: .discarded)
      guard result?.terminationStatus.isSuccess == true else { return nil }
      seeds.append([UInt8](try Data(contentsOf: URL(filePath: file))))
    }
    try FileManager.default.removeItem(atPath: root)
    try FileManager.default.removeItem(atPath: "\(scratch)/seed.deb")
    return seeds
  }

  private func isPackage(_ seed: UInt64) -> Bool { packages != nil && seed % 64 == 0 }

  func input(seed: UInt64) -> [UInt8] {
    if seed % 16 == 1 { return rpms.input(seed: seed) }
    guard let packages, isPackage(seed) else { return lists.input(seed: seed) }
    return packages.input(seed: seed)
  }

  func problem(with input: [UInt8], _ dice: inout Dice) async throws -> String? {
    if input.starts(with: "!<ar".utf8) {
      return try await resolver.problem(with: input, as: "x.deb") { .packages([$0]) }
    }
    if input.starts(with: [0xed, 0xab]) {
      if let header = try? RPMHeader(input), (header.name + header.version).utf8.count > 2048 { return "\(header)" }
      guard dice.below(8) == 0 else { return nil }
      return try await resolver.problem(with: input, as: "x.rpm") { .packages([$0]) }
    }
    let parts = JoinedFiles.split(input).mapValues { String(decoding: $0, as: UTF8.self) }
    let (show, depends, names) = (parts["show"] ?? "", parts["depends"] ?? "", parts["names"] ?? "")
    let packages = DebianPackage.read(aptCacheShow: show)
    for package in packages where !isName(package.name) || (package.entry + package.folder).contains("/") {
      return "the package \(package)"
    }
    if Set(packages.map(\.name)).count != packages.count { return "the packages \(packages)" }
    let graph = PackageGraph(aptCacheDepends: depends)
    for name in graph.dependencies.keys.sorted().prefix(20) {
      let closure = graph.closure(of: name)
      if Set(closure).count != closure.count || closure.first != name { return "the closure \(closure)" }
    }
    return try kernels(Set(names.split(whereSeparator: \.isNewline).map(String.init)))
  }

  /// Debian's rule for names (Policy, 5.6.1); one that begins with a dash would be an option of apt's.
  private func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first != UInt8(ascii: "-"), first != UInt8(ascii: ".") else { return false }
    return !name.contains("/") && !name.contains("=") && !name.contains(" ")
  }

  private func kernels(_ names: Set<String>) throws -> String? {
    for wanted in ["debian:6.12-cloud*", "debian:6*", "debian:6.1.0-9-rt*", "debian:6.*-cloud@sid"] {
      guard let builds = try DebianKernelPattern(parsing: wanted)?.builds(in: names) else { return "\(wanted)" }
      if Set(builds).count != builds.count || !names.isSuperset(of: builds) { return "\(wanted) is \(builds)" }
    }
    return nil
  }
}
