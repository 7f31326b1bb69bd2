import ArgumentParser
import Foundation
import KTestHarness
import KTestHost
import KTestValues

struct ImageCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Build and list guest images.", subcommands: [List.self, Build.self])

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the recipes and their built images.")

    @Option(help: "text or json.") var format = OutputFormat.text
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        let images = try listImages(
          folders: try places.places.folders("images"), cache: places.places.cacheDirectory)
        if format == .json { return try printJSON(images) }
        for image in images {
          let name = image.name.padding(toLength: 12, withPad: " ", startingAt: 0)
          let size = image.size.map { "\(($0 + 500_000) / 1_000_000) MB" } ?? "not built"
          let size10 = size.padding(toLength: 10, withPad: " ", startingAt: 0)
          writeAll(sanitised("\(name) \(size10) \(image.description)") + "\n", to: 1)
        }
      }
    }
  }

  struct Build: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Build images, without kernel modules.")

    @Argument(help: "Names of recipes.") var names: [String]
    @Option(name: .customLong("set"), help: ArgumentHelp("A parameter, NAME=VALUE.", valueName: "name=value"))
    var settings: [String] = []
    @Option(name: .shortAndLong, help: "The kernel that the images are for; selftests are compiled from its source.")
    var kernel: String?
    @OptionGroup var places: PlaceOptions

    func run() async throws {
      try await reporting {
        var kernel: ImageKernel?
        if let name = self.kernel {
          kernel = ImageKernel(try await places.session.silent.kernel(name))
        }
        let parameters = try parsedSettings(settings)
        let line = ProgressLine()
        for name in names {
          let run = try places.places.run
          let file = try ImageCommand.recipe(name, in: places.places)
          let image = try await interruptible { [kernel] in
            try await buildImage(
              file, parameters: parameters, kernel: kernel, agent: run.agent, cache: run.cache,
              progress: { line.show("\($0)") })
          }
          line.clear()
          for notice in image.notices { writeAll(sanitised("ktest: \(notice)") + "\n", to: 2) }
          for omission in image.omitted {
            writeAll(sanitised("left out: \(omission.path): \(omission.reason)") + "\n", to: 2)
          }
          writeAll("\(image.name)  \(image.size) bytes  \(image.sha256)  \(image.path)\n", to: 1)
        }
      }
    }
  }

  static func recipe(_ name: String, in places: Places) throws -> RecipeFile {
    let candidates = name.contains("/") ? [name] : try places.folders("images").map { "\($0)/\(name).yaml" }
    guard let path = candidates.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
      throw Failure(.usage, "no recipe '\(name)'; 'ktest image list' lists all recipes")
    }
    let (file, diagnostics) = try RecipeFile.read(path)
    guard let file else {
      let source = (try? RegularFile.bytes(of: path, limit: YAMLLimits.standard.bytes)) ?? []
      throw Failure(.data, "this recipe cannot be built\n\(DiagnosticRenderer(source: source).render(diagnostics))")
    }
    return file
  }
}
