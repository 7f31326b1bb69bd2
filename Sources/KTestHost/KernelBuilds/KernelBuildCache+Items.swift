extension KernelBuildCache {
  /// The build directories and sources that can be removed, and what killed processes left.
  package var items: [CachedItem] {
    items("builds", .build) { $0 } + items("sources", .source) { "source-\($0)" }
  }

  private func items(_ folder: String, _ kind: CachedItem.Kind, lock: (String) -> String) -> [CachedItem] {
    HostFiles.names(in: "\(root)/\(folder)").compactMap { name in
      let path = "\(root)/\(folder)/\(name)"
      let entry = name.hasPrefix(".partial-") ? String(name.dropFirst(9)) : name
      if name.hasPrefix(CachedItem.removedPrefix) {
        return CachedItem(.leftover, path, key: "\(folder)/\(name)", in: use)
      }
      guard !entry.hasPrefix("."), name != "logs", HostFiles.isDirectory(path) else { return nil }
      return CachedItem(
        entry == name ? kind : .leftover, path, key: "\(folder)/\(name)",
        lock: "\(root)/builds/.locks/\(lock(entry))", in: use)
    }
  }

  var use: CacheUse { CacheUse(root) }
}
