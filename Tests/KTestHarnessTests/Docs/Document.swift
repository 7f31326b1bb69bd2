import Foundation
import Testing

/// One Markdown file of the repository.
struct Document: CustomTestStringConvertible {
  /// Relative to the repository's root.
  var path: String
  var text: String

  var testDescription: String { path }

  /// A fenced block.
  struct Block {
    /// The first word after the fence.
    var language: String
    var text: String
    /// Line of the fence, from 1.
    var line: Int
  }

  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

  /// The pages at the top and everything in `docs`.
  static let all: [Document] = {
    let top = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let paths = top.filter { $0.hasSuffix(".md") } + files(in: "docs", ending: ".md")
    return paths.sorted().compactMap { path in
      (try? String(contentsOfFile: "\(root)/\(path)", encoding: .utf8)).map { Document(path: path, text: $0) }
    }
  }()

  /// Files below a folder of the repository, relative to its root.
  static func files(in folder: String, ending: String) -> [String] {
    let names = FileManager.default.enumerator(atPath: "\(root)/\(folder)")?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(ending) }.map { "\(folder)/\($0)" }.sorted()
  }

  static func bytes(_ path: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: "\(root)/\(path)")))
  }

  var blocks: [Block] {
    var blocks: [Block] = []
    var open: Block?
    for (index, line) in text.components(separatedBy: "\n").enumerated() {
      if line.hasPrefix("```") {
        if let block = open {
          blocks.append(block)
          open = nil
        } else {
          let language = line.dropFirst(3).split(separator: " ").first.map(String.init) ?? ""
          open = Block(language: language, text: "", line: index + 1)
        }
      } else {
        open?.text += line + "\n"
      }
    }
    return blocks
  }
}
