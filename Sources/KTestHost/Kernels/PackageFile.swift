import KTestValues

/// A package file with a kernel or a part of one.
struct PackageFile: Sendable, Equatable {
  enum Kind: String, Sendable { case deb, rpm }

  var path: String
  var kind: Kind
  var version: String
  /// The number of bytes that the package unpacks to, by its own account.
  var unpackedSize: Int?

  /// Reads the header of a package file.
  ///
  /// Throws `KernelError`: `badPackage`, `wrongArchitecture`, `toolMissing`, and errors of reading the file.
  init(_ path: String) async throws {
    self.path = path
    kind = path.hasSuffix(".rpm") ? .rpm : .deb
    var architecture: String
    switch kind {
    case .deb:
      if try PackageFile.isCutShort(deb: path) {
        throw KernelError.badPackage(path: path, reason: PackageFile.cutShort)
      }
      let field = { (name: String) in
        try await forKernels("read a kernel package") { try await Archive.field(name, ofPackage: path) }
      }
      architecture = try await field("Architecture")
      if architecture == "amd64" { architecture = "x86_64" }
      version = try await field("Version")
      unpackedSize = Int(try await field("Installed-Size")).flatMap { (1...1 << 30).contains($0) ? $0 << 10 : nil }
    case .rpm:
      let header = try PackageFile.header(path)
      (architecture, version, unpackedSize) = (header.architecture, header.version, header.unpackedSize)
    }
    guard architecture == "x86_64" else {
      throw KernelError.wrongArchitecture(name: path, architecture: "a package with an \(architecture)")
    }
  }

  private static let cutShort = "it is cut short; copy or download it again"

  /// Whether the file of a Debian package ends before its last member does. What is no such file is left to dpkg-deb.
  private static func isCutShort(deb path: String) throws(KernelError) -> Bool {
    do {
      let file = try RegularFile(path)
      guard try file.bytes(at: 0, count: ArMember.magic.count) == ArMember.magic else { return false }
      var offset = ArMember.magic.count
      // A package has three members.
      for _ in 0..<8 where offset < file.size {
        let header = try file.bytes(at: offset, count: ArMember.headerSize)
        guard header.count == ArMember.headerSize else { return true }
        guard let member = ArMember(header: header) else { return false }
        let end = offset + ArMember.headerSize + member.size
        if end > file.size { return true }
        offset = end + end % 2
      }
      return false
    } catch { throw KernelError(error) }
  }

  private static func header(_ path: String) throws(KernelError) -> RPMHeader {
    let bytes = try KernelFiles.read(path, limit: RPMHeader.limit)
    do throws(RPMHeader.Problem) {
      let header = try RPMHeader(bytes)
      if let wanted = header.fileSize, let size = HostFiles.size(of: path), size < wanted {
        throw .truncated
      }
      return header
    } catch {
      let reason =
        switch error {
        case .notRPM: "it is not an RPM package"
        case .source: "it is a source package; give the package with the kernel"
        case .truncated: PackageFile.cutShort
        case .malformed: "its header is damaged"
        }
      throw .badPackage(path: path, reason: reason)
    }
  }

  /// Unpacks the package into a directory that is created. Throws `KernelError.tooLarge` if it unpacks to far more than it
  /// says, with some tolerance for file systems that count differently, or to more than any kernel.
  func unpack(into directory: String) async throws {
    let limit = min(unpackedSize.map { 2 * $0 + (256 << 20) } ?? .max, 16 << 30)
    try await forKernels("unpack a kernel package") {
      switch kind {
      case .deb:
        try await Archive.measure(package: path, limit: limit)
        try await Archive.unpack(package: path, into: directory)
      case .rpm:
        try await Archive.measure(rpm: path, limit: limit)
        try HostFiles.makeDirectory(directory)
        try await Archive.unpack(rpm: path, into: directory)
      }
    }
    try KernelFiles.clean(directory)
  }

  /// Unpacks packages of one build into `root`, each beside it first: a link in one must not lead the files of another out
  /// of it.
  static func unpack(_ files: [String], into root: String) async throws {
    var first: PackageFile?
    for (number, path) in files.enumerated() {
      let file = try await PackageFile(path)
      if let first, first.version != file.version || first.kind != file.kind {
        throw KernelError.badPackage(
          path: path,
          reason: "it is of version \(file.version), and \(first.path) is of \(first.version); "
            + "give packages of one build")
      }
      first = first ?? file
      guard files.count > 1 else { return try await file.unpack(into: root) }
      let part = "\(root)-\(number)"
      try await file.unpack(into: part)
      do {
        try UnpackedTree.merge(part, into: root)
      } catch { throw KernelError(error) }
      HostFiles.remove(part)
    }
  }
}
