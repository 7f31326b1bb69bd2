/// Layers with files of Debian packages.
extension LayerBuild {
  func package(_ name: String, files: [String]) async throws -> LayerContent {
    let title = "package \(name)"
    let wanted = ["package 1", name] + files + [stripStamp]
    // The candidates do not change as long as apt's lists do not, so no process needs to be started.
    return try await cached(LayerBuild.key(wanted + [Apt.host.state])) {
      progress(ImageStep(layer: title, action: "asking apt for its dependencies"))
      let apt = PackageSource(cache: cache, title: title)
      let (graph, versions) = try await apt.closure(of: name)
      let closure = graph.closure(of: name).compactMap { versions[$0] }
      return try await cached(LayerBuild.key(wanted + closure.map(\.folder))) {
        var collection = PackageCollection(graph: graph, versions: versions, apt: apt, build: self, title: title)
        return try await collection.layer(name, files: files)
      }
    }
  }
}

/// Fetches packages only as their libraries are needed: a program's dependencies also include Perl, documentation and
/// maintainer tools, which are large and useless in a guest.
struct PackageCollection {
  let graph: PackageGraph
  let versions: [String: DebianPackage]
  let apt: PackageSource
  let build: LayerBuild
  let title: String
  /// The packages in the order in which they were fetched, parallel to `roots`.
  private var packages: [String] = []
  private var roots: [FileRoot] = []

  init(graph: PackageGraph, versions: [String: DebianPackage], apt: PackageSource, build: LayerBuild, title: String) {
    (self.graph, self.versions, self.apt, self.build, self.title) = (graph, versions, apt, build, title)
  }

  mutating func layer(_ name: String, files: [String]) async throws -> LayerContent {
    try await fetch([name])
    var programs: [ELFClosure.Program] = []
    var modes: [String: UInt32] = [:]
    for file in files {
      guard let place = roots[0].locate(file) else {
        throw ImageError.fileMissing(path: file, layer: title + " " + (versions[name]?.version ?? ""))
      }
      guard let stamp = FileStamp(place), stamp.isRegular else {
        throw ImageError.fileUnfit(
          path: file, reason: "it is not a regular file in the package; name the files one by one")
      }
      programs.append(ELFClosure.Program(source: place, destination: file))
      modes[file] = SpecialModes(of: roots[0].path).mode(of: place, in: roots[0].path, stamp: stamp)
    }
    let libraries = try await libraries(of: programs)
    var content = LayerContent()
    content.entries = try await build.entries(programs: programs, libraries: libraries, modes: modes)
    let used = (programs + libraries).map(\.source)
    content.details = zip(packages, roots).compactMap { package, root in
      used.contains { $0.hasPrefix(root.path + "/") } ? versions[package]?.text : nil
    }
    .sorted()
    return content
  }

  private mutating func libraries(of programs: [ELFClosure.Program]) async throws -> [ELFClosure.Program] {
    let everything = graph.closure(of: packages[0])
    while true {
      let resolution = try ELFClosure(roots: roots).resolve(programs)
      guard let first = resolution.missing.first else { return resolution.libraries }
      var wanted: [String] = []
      for missing in resolution.missing {
        // Debian names a library's package after its soname, and the owner of the file depends on it directly.
        let direct = zip(packages, roots).first { missing.wantedBy.hasPrefix($0.1.path + "/") }
        let near = direct.flatMap { graph.dependencies[$0.0] } ?? []
        let named = (near + everything).first { PackageCollection.isName($0, of: missing.library) && isNew($0) }
        wanted += named.map { [$0] } ?? near.filter(isNew)
      }
      if wanted.isEmpty { wanted = everything.filter(isNew) }
      guard !wanted.isEmpty else {
        throw ImageError.libraryMissing(
          library: first.library, wantedBy: first.wantedBy, searched: packages.compactMap { versions[$0]?.text })
      }
      try await fetch(wanted)
    }
  }

  private func isNew(_ package: String) -> Bool { versions[package] != nil && !packages.contains(package) }

  private mutating func fetch(_ names: [String]) async throws {
    var unique: [String] = []
    for name in names where isNew(name) && !unique.contains(name) { unique.append(name) }
    let build = build
    let title = title
    roots += try await apt.unpacked(unique.compactMap { versions[$0] }) {
      build.progress(ImageStep(layer: title, action: $0))
    }
    packages += unique
  }

  /// Returns whether a package contains a library: `libndctl6` and `libndctl6t64` for `libndctl.so.6`; `libc6` also for
  /// the loader.
  static func isName(_ package: String, of library: String) -> Bool {
    let file = Paths.last(library)
    if file.hasPrefix("ld-linux") { return package == "libc6" }
    guard let range = file.firstRange(of: ".so.") else { return false }
    let (stem, version) = (file[..<range.lowerBound].lowercased(), file[range.upperBound...])
    let names = [stem + version, stem + "-" + version].map { $0.replacing("_", with: "-") }
    return names.contains { package == $0 || package == $0 + "t64" }
  }
}
