/// Builds the initramfs of a recipe, or finds it in the cache.
///
/// The agent becomes `/init`. `modules` become a second archive after the recipe's, so that another kernel costs only a
/// copy. `parameters` are the suite's (`--set NAME=VALUE`); a `meson` or `checkout` layer whose parameter is absent is
/// left out. `kernel` is the one that the image is for: selftests may come from its source. `cache` is the cache's
/// root; everything is stored in its folder `images`.
///
/// A second call with the same inputs starts no process. Throws `ImageError`.
package func buildImage(
  _ file: RecipeFile, parameters: [String: String] = [:], kernel: ImageKernel? = nil, modules: [ImagePayload] = [],
  agent: String, cache: String,
  progress: @escaping @Sendable (ImageStep) -> Void = { _ in }
) async throws -> BuiltImage {
  let cache = try ImageCache(cache)
  let build = LayerBuild(
    folder: file.folder, parameters: parameters, kernel: kernel, cache: cache, strip: HostTool("strip"),
    progress: progress)
  var composition = ImageComposition()
  try composition.add(try await build.agent(agent), by: "agent")
  for (number, layer) in file.recipe.layers.enumerated() {
    try Task.checkCancellation()
    do {
      guard let content = try await build.content(of: layer) else { continue }
      try composition.add(content, by: layer.title)
    } catch let error as ImageError { throw error.located(at: file.mark(ofLayer: number), in: file) }
  }
  let base = try cache.base(of: composition)
  let ready = try cache.ready(base, with: modules)
  try? cache.remember(file, ready)
  var layers = composition.layers
  if !modules.isEmpty {
    layers.append(ImageLayer(title: "modules", identity: ready.payload, details: modules.map(\.path)))
  }
  return BuiltImage(
    name: file.recipe.name, path: ready.path, sha256: ready.sha256, size: ready.size, layers: layers,
    notices: cache.damage.sentences, files: Set(composition.files.map(\.path)))
}

extension LayerBuild {
  /// Returns the agent as `/init`, stripped if possible.
  func agent(_ path: String) async throws -> LayerContent {
    guard Files.exists(path) else { throw ImageError.fileMissing(path: path, layer: "every image") }
    let digest = try cache.digest(path)
    return try await cached(LayerBuild.key(["agent 2", digest.sha256, stripStamp])) {
      var content = LayerContent()
      content.entries = [LayerContent.Entry(path: "/init", mode: 0o755, body: try await blob(of: path))]
      // These are the agent's mount points; a recipe may name them too.
      content.entries += ["/dev", "/proc", "/run", "/sys", "/tmp"].map {
        LayerContent.Entry(path: $0, mode: 0o755, body: .directory)
      }
      // Swift's runtime opens its own executable before main and aborts if it cannot: until procfs is mounted over it,
      // it finds this link.
      content.entries += [
        LayerContent.Entry(path: "/proc/self", mode: 0o755, body: .directory),
        LayerContent.Entry(path: "/proc/self/exe", mode: 0o777, body: .symlink("/init")),
      ]
      content.details = [
        "sha256 \(digest.sha256) before it was stripped", strip == nil ? "not stripped: no 'strip' here" : "stripped",
      ]
      return content
    }
  }
}
