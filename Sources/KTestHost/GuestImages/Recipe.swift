/// A recipe of an image, as `images/NAME.yaml` says it: an ordered list of layers.
///
/// ```yaml
/// image: ndctl
/// description: ndctl and our exerciser of device-dax
/// layers:
///   - directory: /mnt
///   - package: ndctl
///     files: [/usr/bin/ndctl]
///   - compile: dax-exercise
///     sources: [src/dax-exercise.c]
/// ```
/// Paths in the image are absolute; paths of sources are relative to the recipe's folder and stay inside it.
package struct Recipe: Sendable, Equatable {
  package var name: String
  package var description: String
  package var layers: [Layer]

  package init(name: String, description: String = "", layers: [Layer]) {
    self.name = name
    self.description = description
    self.layers = layers
  }

  package enum Layer: Sendable, Equatable {
    /// An empty directory.
    case directory(path: String, mode: UInt32)
    /// One file of the recipe's folder.
    case file(source: String, to: String, mode: UInt32)
    /// An ELF program of the host, with the libraries it needs.
    case program(path: String, to: String)
    /// Files of a Debian package, with the libraries they need.
    case package(name: String, files: [String])
    /// The program `/usr/bin/NAME`, linked statically by the host's `cc`.
    case compile(name: String, sources: [String], cflags: [String], libs: [String])
    /// Programs of a checkout that a suite parameter names; left out if the parameter is not given.
    case meson(parameter: String, options: [String], targets: [String], install: [Install])
    /// Programs of a folder below `tools/testing/selftests` of a kernel's source; the first available origin is used.
    case selftests(folder: String, from: [SelftestOrigin], SelftestPlan)
    /// Programs compiled from a checkout that a suite parameter names; left out if the parameter is not given.
    case checkout(parameter: String, ProgramSet)
    /// An out-of-tree kernel module, built against the build tree of the kernel under test.
    case module(name: String, sources: [String], cflags: [String])

    /// The name for errors and manifests, for example `package ndctl`.
    package var title: String {
      switch self {
      case .directory(let path, _): "directory \(path)"
      case .file(let source, _, _): "file \(source)"
      case .program(let path, _): "program \(path)"
      case .package(let name, _): "package \(name)"
      case .compile(let name, _, _, _): "compile \(name)"
      case .meson(let parameter, _, _, _): "meson \(parameter)"
      case .selftests(let folder, _, _): "selftests \(folder)"
      case .checkout(let parameter, _): "checkout \(parameter)"
      case .module(let name, _, _): "module \(name)"
      }
    }

    /// The paths in the image that the recipe names, without libraries.
    package var destinations: [String] {
      switch self {
      case .directory(let path, _): [path]
      case .file(_, let to, _), .program(_, let to): [to]
      case .package(_, let files): files
      case .compile(let name, _, _, _): ["/usr/bin/" + name]
      case .meson(_, _, _, let install): install.map(\.to)
      case .selftests(_, _, let plan): plan.destinations
      case .checkout(_, let set): set.destinations
      case .module(let name, _, _): ["/lib/modules/ktest/\(name).ko"]
      }
    }
  }

  package struct Install: Sendable, Equatable {
    /// The target, relative to the build directory.
    package var target: String
    package var to: String

    package init(target: String, to: String) {
      self.target = target
      self.to = to
    }
  }

  /// The suite parameters that change this image.
  package var parameters: [String] {
    layers.compactMap { layer in
      switch layer {
      case .meson(let parameter, _, _, _), .checkout(let parameter, _): parameter
      default: nil
      }
    }
  }
}
