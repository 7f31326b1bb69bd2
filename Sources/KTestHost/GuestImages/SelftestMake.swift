import Glibc
import KTestValues

/// Builds a folder of selftests with the tree's own Makefile, in a copy of the tree.
struct SelftestMake: Sendable {
  let layer: LayerBuild
  let title: String
  /// The folder below `tools/testing/selftests`.
  let folder: String
  let set: SelftestSet
  let tree: SelftestTree
  let headers: SelftestHeaders

  func content() async throws -> LayerContent {
    let advice = "'apt-get install make gcc libc6-dev', or the equivalent on your system"
    let make = try HostTool.required("make", for: title, advice: advice)
    let compiler = try HostTool.required("cc", for: title, advice: advice)
    try layer.cache.checkForMake(title)
    // A library that is installed later changes what the Makefiles build.
    let host = LayerBuild.key([compiler.stamp, make.stamp] + SelftestMake.libraries)
    let state = SelftestCopy.state(of: tree.root)
    let key = LayerBuild.key(
      ["selftests made 3", tree.root, folder, set.key, state, headers.identity, host, layer.stripStamp])
    var content: LayerContent
    if let known = layer.cache.layer(key) {
      content = known
    } else {
      content = try await built(make: make, compiler: compiler, host: host)
      // What could not be built is tried again: the reason may be this host.
      if content.omitted.isEmpty { try layer.cache.store(content, key) }
    }
    content.folder?.tree = tree.name
    content.details.insert(contentsOf: [tree.identity, "kernel headers sha256 \(headers.identity)"], at: 0)
    let paths = Set(content.entries.map(\.path) + content.omitted.map(\.path))
    for name in set.only where !paths.contains("\(set.to)/\(name)") {
      let reason = "\(tree.name) has no test \(folder)/\(name)"
      content.omitted.append(ImageOmission(path: "\(set.to)/\(name)", reason: reason))
    }
    return content
  }

  /// The state of the places where packages put headers and libraries.
  private static var libraries: [String] {
    let triplet = ELFMachine.host.triplet
    return ["/usr/include", "/usr/include/\(triplet)", "/usr/lib/\(triplet)"].map { FileStamp($0)?.text ?? "absent" }
  }

  private func built(make: HostTool, compiler: HostTool, host: String) async throws -> LayerContent {
    let place = "\(layer.cache.root)/selftests/" + LayerBuild.key([tree.root]).prefix(32)
    try Files.makeDirectory(place)
    let lock: FileLock
    do {
      lock = try await FileLock(place + "/lock") {
        layer.progress(ImageStep(layer: title, action: "waiting for another build of these tests"))
      }
    } catch let problem as FileProblem { throw Files.failure("lock", problem) }
    defer { withExtendedLifetime(lock) {} }
    let build = SelftestPlace(place)
    if (try? Files.text(build.host)) != host {
      for path in [build.source, build.output, build.notes] { Files.remove(path) }
      try layer.cache.write(build.host) { writer in try writer.write(Array(host.utf8)) }
    }
    layer.progress(ImageStep(layer: title, action: "copying what has changed in \(tree.name)"))
    try SelftestCopy(source: tree.root, copy: build.source, record: place + "/copied").refresh()
    try build.take(headers)
    return try await SelftestRun(
      make: self, tool: make, compiler: compiler, place: build,
      notes: CompilerNotes(folder: build.notes, build: build.programs, source: build.source)
    ).content()
  }
}

/// The folders that the selftests of one tree are built in.
struct SelftestPlace: Sendable {
  let root: String
  /// The copy of the tree.
  var source: String { root + "/source" }
  /// The directory of `make O=…`.
  var output: String { root + "/build" }
  /// The folder of the built programs; upstream's Makefile chooses its name.
  var programs: String { output + "/kselftest" }
  var notes: String { root + "/notes" }
  /// The file that says with which compiler and libraries it was built.
  var host: String { root + "/host" }

  init(_ root: String) { self.root = root }

  /// Puts the kernel's headers where Makefiles look for them: in the copy, and in the directory of `O=`.
  func take(_ headers: SelftestHeaders) throws {
    let folder = source + "/usr/include"
    let note = root + "/headers"
    try Files.makeDirectory(output)
    if !Files.exists(output + "/usr") {
      guard symlink("../source/usr", output + "/usr") == 0 else { throw Files.failure("create", output + "/usr") }
    }
    if (try? Files.text(note)) == headers.identity, Files.exists(folder) { return }
    Files.remove(note)
    try take(headers.folder, folder)
    do {
      try DurableFile.write(Array(headers.identity.utf8), to: note)
    } catch { throw Files.failure("write", error) }
  }

  /// Copies the headers whose content differs, so that only their users are built again.
  private func take(_ from: String, _ to: String) throws {
    try Files.makeDirectory(to)
    let names = Files.list(from)
    for name in Set(Files.list(to)).subtracting(names) { Files.remove("\(to)/\(name)") }
    let copy = SourceCopy(source: from, copy: to, keepsTimes: false)
    for name in names {
      guard let stamp = FileStamp("\(from)/\(name)", followingLinks: false) else { continue }
      if stamp.isDirectory {
        try take("\(from)/\(name)", "\(to)/\(name)")
      } else if stamp.isRegular {
        if let old = try? Files.read("\(to)/\(name)"), old == (try Files.read("\(from)/\(name)")) { continue }
        Files.remove("\(to)/\(name)")
        try copy.copyFile("/" + name, mode: 0o644)
      }
    }
  }
}
