import KTestValues

/// Finds the libraries that ELF programs need, in the same way as the dynamic loader of the guest (ld.so(8)).
struct ELFClosure: Sendable {
  /// An ELF file of the host and its path in the image.
  struct Program: Sendable, Equatable {
    var source: String
    var destination: String
  }

  struct Missing: Sendable, Equatable {
    var library: String
    /// The file on the host that needs it.
    var wantedBy: String
    var searched: [String]
  }

  struct Resolution: Sendable, Equatable {
    var libraries: [Program] = []
    var missing: [Missing] = []
  }

  /// The roots to search for libraries, in order.
  var roots: [FileRoot]
  /// A directory of the host whose whole tree may contain libraries; searched last, and only for builds.
  var buildDirectory: String?
  var machine = ELFMachine.host

  /// Returns the libraries and loaders of the programs.
  ///
  /// Throws `libraryMissing`, `wrongArchitecture`, `fileUnfit`.
  func libraries(of programs: [Program]) throws -> [Program] {
    let resolution = try resolve(programs)
    if let missing = resolution.missing.first {
      throw ImageError.libraryMissing(
        library: missing.library, wantedBy: missing.wantedBy, searched: missing.searched)
    }
    return resolution.libraries
  }

  /// Works like `libraries(of:)`, but returns missing libraries as part of the result.
  func resolve(_ programs: [Program]) throws -> Resolution {
    var resolution = Resolution()
    var seen = Set(programs.map(\.destination))
    var pending = programs.map { (program: $0, inherited: [String]()) }
    var next = 0
    while next < pending.count {
      let (program, inherited) = pending[next]
      next += 1
      guard let image = try image(of: program.source) else { continue }
      guard image.machine == machine else {
        throw ImageError.wrongArchitecture(
          path: program.source, machine: image.machine.name, expected: machine.name)
      }
      let rpath = image.runpath.isEmpty ? image.rpath + inherited : []
      var found: [Program] = []
      if let interpreter = image.interpreter {
        if let source = roots.lazy.compactMap({ $0.locate(interpreter) }).first {
          found.append(Program(source: source, destination: interpreter))
        } else {
          resolution.missing.append(
            Missing(library: interpreter, wantedBy: program.source, searched: roots.map { $0.path + "/" }))
        }
      }
      for library in image.needed {
        switch try search(library, for: program, own: image.runpath + rpath) {
        case .found(let place): found.append(place)
        case .missing(let searched):
          resolution.missing.append(Missing(library: library, wantedBy: program.source, searched: searched))
        }
      }
      for place in found where seen.insert(place.destination).inserted {
        resolution.libraries.append(place)
        pending.append((place, rpath))
      }
    }
    return resolution
  }

  private enum Search {
    case found(Program)
    case missing([String])
  }

  private func search(_ library: String, for program: Program, own: [String]) throws -> Search {
    if library.contains("/") {
      let source = roots.lazy.compactMap { $0.locate(library) }.first
      return source.map { .found(Program(source: $0, destination: library)) } ?? .missing([library])
    }
    var searched: [String] = []
    var foreign: (path: String, machine: ELFMachine)?
    func take(_ source: String?, _ destination: String) throws -> Search? {
      guard let source, let image = try? image(of: source) else { return nil }
      guard image.machine == machine else {
        foreign = foreign ?? (source, image.machine)
        return nil
      }
      return .found(Program(source: source, destination: Paths.normalized(destination)))
    }
    for directory in own {
      let origin = directory.contains("$ORIGIN") || directory.contains("${ORIGIN}")
      let onHost = ImagePath.expand(directory, origin: Paths.parent(program.source)) + "/" + library
      let inImage = ImagePath.expand(directory, origin: Paths.parent(program.destination)) + "/" + library
      searched.append(Paths.parent(onHost))
      // `$ORIGIN` is the file's directory on the host; any other path is one of the guest's.
      let places = origin ? [Files.real(onHost)] : roots.map { $0.locate(onHost) }
      for place in places {
        if let hit = try take(place, inImage) { return hit }
      }
    }
    if let buildDirectory, let built = Files.find(library, below: buildDirectory) {
      if let hit = try take(built, machine.libraryDirectory + "/" + library) { return hit }
    }
    for directory in machine.searchPath {
      searched.append(directory)
      for root in roots {
        let kept = directory.hasPrefix("/usr/local/") ? machine.libraryDirectory : directory
        if let hit = try take(root.locate(directory + "/" + library), kept + "/" + library) { return hit }
      }
    }
    if let foreign {
      throw ImageError.wrongArchitecture(
        path: foreign.path, machine: foreign.machine.name, expected: machine.name)
    }
    return .missing(searched)
  }

  /// Returns nil if the file is not an ELF file, such as a script.
  private func image(of path: String) throws -> ELFLinking? {
    let bytes = try Files.read(path)
    guard ELFLinking.isELF(bytes) else { return nil }
    do {
      return try ELFLinking(bytes)
    } catch {
      throw ImageError.fileUnfit(path: path, reason: "\(error)")
    }
  }
}
