import KTestValues

/// The layers `file` and `program`, whose files are on the host.
extension LayerBuild {
  func file(_ source: String, to: String, mode: UInt32, title: String) throws -> LayerContent {
    let place = try self.source(source, title: title)
    let (sha256, size) = try cache.digest(place)
    let blob = cache.path(blob: sha256)
    if !cache.has(blob: sha256, size: size) {
      try cache.write(blob) { writer in
        try writer.write(file: place, size: size)
        guard writer.sha256 == sha256 else {
          throw ImageError.fileUnfit(path: place, reason: "it changed while it was copied")
        }
      }
    }
    var content = LayerContent()
    content.entries = [LayerContent.Entry(path: to, mode: mode, body: .file(sha256: sha256, size: size))]
    return content
  }

  func program(_ path: String, to: String, title: String) async throws -> LayerContent {
    guard let real = Files.real(path) else { throw ImageError.programMissing(path: path, layer: title) }
    guard FileStamp(real)?.isRegular == true else {
      throw ImageError.fileUnfit(path: path, reason: "it is not a regular file")
    }
    return try await cached(LayerBuild.key(["program", real, to, stripStamp])) {
      guard ELFLinking.isELF(try Files.read(real)) else {
        throw ImageError.fileUnfit(path: path, reason: "it is not an ELF program; use a 'file' layer for a script")
      }
      progress(ImageStep(layer: title, action: "collecting libraries"))
      let program = ELFClosure.Program(source: real, destination: to)
      let libraries = try ELFClosure(roots: [.host]).libraries(of: [program])
      var content = LayerContent()
      content.entries = try await entries(programs: [program], libraries: libraries)
      content.inputs = ([program] + libraries).map { cache.input($0.source) }
      return content
    }
  }
}
