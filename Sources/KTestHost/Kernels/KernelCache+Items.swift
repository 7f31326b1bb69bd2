extension KernelCache {
  /// Everything in it that can be removed, and what killed processes left.
  package var items: [CachedItem] {
    guard let use else { return [] }
    return HostFiles.names(in: directory).compactMap { name in
      let path = path(of: name)
      let entry = name.hasPrefix(".partial-") ? String(name.dropFirst(9)) : name
      if name.hasPrefix(CachedItem.removedPrefix) {
        return CachedItem(.leftover, path, key: "kernels/\(name)", in: use)
      }
      guard !entry.hasPrefix("."), HostFiles.isDirectory(path) else { return nil }
      return CachedItem(
        entry == name ? .kernel : .leftover, path, key: "kernels/\(name)", lock: self.path(of: ".locks/\(entry)"),
        in: use)
    }
  }

  /// Who uses the cache that it belongs to; nil for a directory that is not part of one.
  var use: CacheUse? {
    Paths.last(directory) == "kernels" ? CacheUse(Paths.parent(directory)) : nil
  }
}
