import KTestValues

/// The reasons why an image could not be built: what failed, with what, and what to do about it.
package enum ImageError: Error, Sendable, Equatable, CustomStringConvertible {
  /// A program of the host that a layer needs is not installed.
  case toolMissing(tool: String, layer: String, advice: String)
  /// The compiler rejected a source; `lines` are its first messages, with `file:line`.
  case compileFailed(program: String, lines: [String])
  /// No source of the kernel's tests is available; there is a reason for each.
  case sourceMissing(layer: String, reasons: [String])
  /// The kernel's source has no such folder of tests; `trees` are the versions that were looked at.
  case folderMissing(path: String, trees: [String], near: String?)
  /// A program cannot be linked because a library's development files are not installed.
  case developmentFilesMissing(program: String, library: String, package: String)
  /// The build of a checkout failed; `lines` are the last ones of `log`.
  case buildFailed(what: String, lines: [String], log: String)
  /// The kernel's Makefiles cannot work in the cache's path.
  case placeUnfit(path: String, layer: String)
  case packageUnknown(package: String)
  case packageFetchFailed(package: String, lines: [String])
  /// A file that a layer needs does not exist.
  case fileMissing(path: String, layer: String)
  /// A program of the host that a layer includes does not exist.
  case programMissing(path: String, layer: String)
  /// The error is in a recipe's file, at this position.
  indirect case inRecipe(file: String, line: Int, column: Int, ImageError)
  case fileUnfit(path: String, reason: String)
  case libraryMissing(library: String, wantedBy: String, searched: [String])
  case wrongArchitecture(path: String, machine: String, expected: String)
  /// Two layers put different files at the same path of the image.
  case duplicateTarget(path: String, first: String, second: String)
  /// git could not fetch the value of a parameter; `lines` are its last messages.
  case checkoutFailed(name: String, value: String, lines: [String])
  case parameterInvalid(name: String, value: String, reason: String)
  case diskFull(path: String)
  case inputOutput(action: String, path: String, reason: String)
  /// Another tool of the host failed for its own reason.
  case toolFailed(tool: String, status: String, lines: [String])

  package var description: String {
    switch self {
    case .toolMissing(let tool, let layer, let advice):
      "\(layer) needs the program '\(tool)', which is not installed: \(advice)"
    case .compileFailed(let program, let lines):
      (["the compiler rejected '\(program)':"] + lines).joined(separator: "\n  ")
    case .sourceMissing(let layer, let reasons):
      (["\(layer): no source is available:"] + reasons).joined(separator: "\n  ")
    case .folderMissing(let path, let trees, let near):
      "\(trees.joined(separator: " and ")) \(trees.count == 1 ? "has" : "have") no \(path)"
        + (near.map { "; did you mean '\($0)'?" } ?? "; name a folder of tests that the tree has")
    case .developmentFilesMissing(let program, let library, let package):
      "'\(program)' needs the library '\(library)', but this host has neither lib\(library).a nor lib\(library).so: "
        + "'apt-get install \(package)', or the equivalent on your system"
    case .buildFailed(let what, let lines, let log):
      (["building \(what) failed; the whole log is \(log) and ends with:"] + lines).joined(separator: "\n  ")
    case .placeUnfit(let path, let layer):
      "\(layer) is built by the kernel's Makefiles, which do not accept a path with blanks, quotes or colons such as \"\(path)\": "
        + "choose another cache with --cache DIR"
    case .packageUnknown(let package):
      "apt does not know the package '\(package)': check its name with 'apt-cache policy \(package)', "
        + "or refresh the lists with 'apt-get update'"
    case .packageFetchFailed(let package, let lines):
      ([
        "apt could not fetch '\(package)': check the network, and run 'apt-get update' in case "
          + "the archive no longer has this version. apt's output:"
      ] + lines).joined(separator: "\n  ")
    case .fileMissing(let path, let layer):
      "\(layer) needs '\(path)', which does not exist"
    case .programMissing(let path, let layer):
      "\(layer): no '\(path)' on this host; install the package that has it"
    case .inRecipe(let file, let line, let column, let error):
      "\(file):\(line):\(column): error: \(error)"
    case .checkoutFailed(let name, let value, let lines):
      (["--set \(name)=\(value): git could not fetch it:"] + lines).joined(separator: "\n  ")
    case .fileUnfit(let path, let reason):
      "cannot put '\(path)' into an image: \(reason)"
    case .libraryMissing(let library, let wantedBy, let searched):
      "no library '\(library)', which '\(wantedBy)' needs; looked in \(searched.joined(separator: ", "))"
    case .wrongArchitecture(let path, let machine, let expected):
      "'\(path)' is built for \(machine), but the image is for \(expected): build or install it for \(expected)"
    case .duplicateTarget(let path, let first, let second):
      "'\(path)' is put into the image twice with different contents, by \(first) and by \(second): remove one"
    case .parameterInvalid(let name, let value, let reason):
      "--set \(name)=\(value): \(reason)"
    case .diskFull(let path):
      "no space left on the device while writing '\(path)'; no incomplete file was left behind: free some space or "
        + "choose another cache directory"
    case .inputOutput(let action, let path, let reason):
      "cannot \(action) '\(path)': \(reason)"
    case .toolFailed(let tool, let status, let lines):
      (["'\(tool)' failed (\(status)):"] + lines).joined(separator: "\n  ")
    }
  }
}

extension ImageError {
  /// Returns the error with its position in the recipe if the recipe is at fault or names something that does not
  /// exist.
  func located(at mark: Mark?, in file: RecipeFile) -> ImageError {
    guard let mark else { return self }
    switch self {
    case .fileMissing, .fileUnfit, .programMissing, .wrongArchitecture, .duplicateTarget:
      return .inRecipe(file: file.path, line: mark.line, column: mark.column, self)
    default: return self
    }
  }
}
