import KTestValues

extension KernelBuildRequest {
  /// Returns the request with what the folders of selftests ask for in a tree.
  ///
  /// Their files are kept for all architectures and often name symbols that cannot be chosen, so a kernel without one is
  /// still usable: the suite says which of them it lacks.
  ///
  /// Throws ``KernelBuildError/noSelftests(source:folder:)`` if the tree has no such folder.
  func reading(_ tree: String) throws -> KernelBuildRequest {
    var request = self
    request.selftests = []
    let asked = Set((wishes + needs).map(\.symbol))
    for name in selftests {
      let folder = "tools/testing/selftests/\(name)"
      guard HostFiles.isDirectory("\(tree)/\(folder)") else {
        throw KernelBuildError.noSelftests(source: "\(source)", folder: folder)
      }
      let text = (try? KernelFiles.read("\(tree)/\(folder)/config")) ?? []
      let read = ConfigFragment(parsing: String(decoding: text, as: UTF8.self), name: "\(folder)/config")
      for var wish in read.wishes where !asked.contains(wish.symbol) {
        wish.isOptional = true
        // Upstream's y is a request to have it; the suite is as content with a module.
        if wish.value == .builtIn { wish.value = .either }
        request.wishes.append(wish)
      }
    }
    return request
  }
}
