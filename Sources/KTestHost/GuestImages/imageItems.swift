/// Returns everything in the folder `images` of a cache that can be removed.
///
/// Finished images are removed one by one. What images are made of goes only while no other ktest uses the cache, because a
/// process that makes an image relies on parts that it has not listed.
package func imageItems(cache: String) -> [CachedItem] {
  let root = "\(cache)/images"
  let use = CacheUse(cache)
  var items: [CachedItem] = []
  for folder in ["base", "ready"] {
    for name in HostFiles.names(in: "\(root)/\(folder)") where name.hasSuffix(".cpio") {
      let path = "\(root)/\(folder)/\(name)"
      items.append(CachedItem(.image, path, with: [path + ".sha256"], key: "images/\(folder)/\(name)", in: use))
    }
  }
  for folder in ["sysroots", "sources", "selftests", "uapi", "git", "meson", "modules", "layers"] {
    for name in HostFiles.names(in: "\(root)/\(folder)") where !name.hasPrefix(".") {
      items.append(
        CachedItem(.part, "\(root)/\(folder)/\(name)", key: "images/\(folder)/\(name)", needsQuiet: true, in: use))
    }
  }
  // A layer that is used keeps its contents.
  var used: [String: Int] = [:]
  for name in HostFiles.names(in: "\(root)/layers") {
    guard let text = try? Files.text("\(root)/layers/\(name)"), let content = LayerContent(text: text) else { continue }
    let time = use.lastUse(of: "images/layers/\(name)") ?? 0
    for case .file(let sha256, _) in content.entries.map(\.body) { used[sha256] = max(used[sha256] ?? 0, time) }
  }
  for name in HostFiles.names(in: "\(root)/blobs") {
    var item = CachedItem(.part, "\(root)/blobs/\(name)", key: "images/blobs/\(name)", needsQuiet: true, in: use)
    item.lastUse = max(item.lastUse, used[name] ?? 0)
    items.append(item)
  }
  for folder in [
    "base", "ready", "sysroots", "sources", "selftests", "uapi", "git", "meson", "modules", "layers", "blobs",
  ] {
    for name in HostFiles.names(in: "\(root)/\(folder)") where name.hasPrefix(CachedItem.removedPrefix) {
      items.append(CachedItem(.leftover, "\(root)/\(folder)/\(name)", key: "images/\(folder)/\(name)", in: use))
    }
  }
  return items
}
