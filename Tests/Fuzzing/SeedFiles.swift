import Foundation

/// Files of the repository that inputs are made from, and a place for files of a target's own.
package struct SeedFiles: Sendable {
  /// The top of the repository.
  package let root: String
  /// A directory that the target may fill.
  package let scratch: String

  package init(root: String, scratch: String) {
    self.root = root
    self.scratch = scratch
  }

  /// The contents of all files below some folders of the repository that end so, in the order of their names; folders that
  /// are not there have none.
  func contents(below folders: String..., suffixes: [String] = [""]) -> [[UInt8]] {
    folders.flatMap { folder -> [[UInt8]] in
      let top = "\(root)/\(folder)"
      let names = (try? FileManager.default.subpathsOfDirectory(atPath: top)) ?? []
      return names.sorted().filter { name in
        var isFolder: ObjCBool = false
        return suffixes.contains { name.hasSuffix($0) } && !name.hasSuffix(".md")
          && FileManager.default.fileExists(atPath: "\(top)/\(name)", isDirectory: &isFolder) && !isFolder.boolValue
      }.compactMap { FileManager.default.contents(atPath: "\(top)/\($0)").map { [UInt8]($0) } }
    }
  }
}

/// Several files in one input, each after a line `=== NAME`: what is mutated is one row of bytes.
enum JoinedFiles {
  private static let mark = Array("=== ".utf8)

  static func join(_ files: [(name: String, text: String)]) -> [UInt8] {
    Array(files.map { "=== \($0.name)\n\($0.text)" }.joined(separator: "\n").utf8)
  }

  static func split(_ bytes: [UInt8]) -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    var name = ""
    var isFirst = true
    for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
      if line.starts(with: mark) {
        name = String(decoding: line.dropFirst(mark.count), as: UTF8.self)
        isFirst = true
        files[name] = []
      } else {
        if !isFirst { files[name, default: []].append(10) }
        files[name, default: []] += line
        isFirst = false
      }
    }
    return files
  }
}
