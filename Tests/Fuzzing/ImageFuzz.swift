import Foundation
import KTestHost
import KTestValues
import Subprocess

/// Images of kernels, modules and programs through the readers of their headers; some of them as files, unpacked by the
/// system's programs.
struct ImageFuzz: FuzzTarget {
  static let name = "bzimage"
  private let mutator: Mutator
  private let resolver: KernelResolving

  init(_ files: SeedFiles) async throws {
    var seeds = [SeedImages.vmlinux, SeedImages.module, SeedImages.library, SeedImages.bzImage(payload: [])]
    for tool in ["gzip", "zstd", "xz", "lz4"] {
      // A program that is not installed unpacks nothing here either.
      guard
        let packed = try? await Subprocess.run(
          .name(tool), arguments: ["-q", "-c"], input: .array(SeedImages.vmlinux), output: .bytes(limit: 1 << 20),
          error: .discarded)
      else { continue }
      let size = tool == "gzip" ? [] : SeedImages.little(UInt32(SeedImages.vmlinux.count))
      seeds.append(SeedImages.bzImage(payload: packed.standardOutput + size))
    }
    mutator = Mutator(
      seeds: seeds,
      words: ["HdrS", "Linux version 6.1 ", "Xen\0", "\u{7f}ELF", "BZh", "\u{1f}", "depends=a,b\0", "$ORIGIN", "../"],
      isText: false)
    resolver = KernelResolving(scratch: files.scratch)
  }

  func input(seed: UInt64) -> [UInt8] { mutator.input(seed: seed) }

  func problem(with input: [UInt8], _ dice: inout Dice) async throws -> String? {
    let probe = try? KernelImageProbe(input, name: "x")
    if let release = probe?.release, release.isEmpty || release.utf8.count > 256 * 3 {
      return "the release '\(release)'"
    }
    if let info = try? ModuleInfo(module: input, path: "x"), info.depends.count > input.count {
      return "\(info.depends)"
    }
    do throws(ELFProblem) {
      let image = try ELFLinking(input)
      let names = image.needed + image.rpath + image.runpath
      if names.reduce(0, { $0 + $1.utf8.count }) > 64 * input.count { return "names of more bytes than the file" }
    } catch {
      // Most are no ELF files any more.
    }
    guard dice.below(64) == 0 else { return nil }
    return try await resolver.problem(with: input, as: "vmlinuz") { .path($0) }
  }
}

/// Kernels as files, through the whole way to something that boots, into a cache that is thrown away.
struct KernelResolving: Sendable {
  let scratch: String
  /// Bytes that may lie in the cache afterwards: far more than the seeds unpack to.
  private static let limit = 64 << 20

  func problem(
    with input: [UInt8], as name: String, source: @Sendable (_ path: String) -> KernelSource
  ) async throws -> String? {
    let path = "\(scratch)/\(name)"
    let cache = "\(scratch)/cache"
    defer { try? FileManager.default.removeItem(atPath: cache) }
    try Data(input).write(to: URL(filePath: path))
    let before = try FileManager.default.contentsOfDirectory(atPath: scratch).filter { $0 != "cache" }
    do {
      let build = try await resolveKernel(source(path), cache: KernelCache(directory: cache + "/kernels"))
      for file in [build.imagePath, build.configPath, build.modulesPath].compactMap({ $0 })
      where !file.hasPrefix(scratch + "/") {
        return "the kernel is made of \(file)"
      }
    } catch let error as KernelError {
      if let problem = PlainText.problem(sanitised("\(error)"), "the error", limit: 1 << 20) { return problem }
    }
    let after = try FileManager.default.contentsOfDirectory(atPath: scratch).filter { $0 != "cache" }
    if after.sorted() != before.sorted() { return "files outside of the cache: \(after)" }
    return try left(in: cache)
  }

  /// What must not stay in a cache.
  private func left(in cache: String) throws -> String? {
    var bytes = 0
    for name in FileManager.default.enumerator(atPath: cache)?.compactMap({ $0 as? String }) ?? [] {
      var status = stat()
      guard lstat("\(cache)/\(name)", &status) == 0 else { continue }
      if name.contains(".partial-") { return "the unfinished \(name) was left" }
      let kind = status.st_mode & S_IFMT
      guard kind == S_IFREG || kind == S_IFDIR || kind == S_IFLNK else { return "\(name) is no regular file" }
      if kind != S_IFLNK, status.st_mode & 0o6000 != 0 {
        return "\(name) has the mode \(String(status.st_mode, radix: 8))"
      }
      bytes += Int(status.st_size)
    }
    return bytes > Self.limit ? "\(bytes >> 20) MiB in the cache" : nil
  }
}
