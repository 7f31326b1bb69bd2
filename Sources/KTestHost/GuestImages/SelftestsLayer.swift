/// Layers with programs of the kernel's selftests, and of a checkout.
extension LayerBuild {
  func selftests(
    _ folder: String, from: [SelftestOrigin], _ plan: SelftestPlan, title: String
  ) async throws -> LayerContent {
    let tree = try await selftestTree(folder, from: from, title: title)
    let base = "tools/testing/selftests/" + folder
    // If a library and the kernel both have a header, the kernel's is correct: the host's may be years older than the
    // tests.
    let headers = try await kernelHeaders(of: tree, title: title)
    let set: ProgramSet
    switch plan {
    case .make(let wanted):
      return try await SelftestMake(
        layer: self, title: title, folder: folder, set: wanted, tree: tree, headers: headers
      ).content()
    case .programs(let programs): set = programs
    }
    let build = ProgramBuild(
      layer: self, title: title, set: set, root: tree.root, base: base, name: tree.name,
      // The order is that of the kernel's lib.mk: KHDR_INCLUDES, then TOOLS_INCLUDES.
      includes: ["-iquote", base, "-I", ".", "-isystem", headers.folder, "-isystem", "tools/include/uapi"],
      key: ["selftests 1", folder, headers.identity])
    var content = try await build.content()
    content.details.insert(contentsOf: [tree.identity, "kernel headers sha256 \(headers.identity)"], at: 0)
    return content
  }

  func checkoutPrograms(
    _ parameter: String, value: String, _ set: ProgramSet, title: String
  ) async throws -> LayerContent {
    let checkout = try await checkout(parameter, value: value, title: title)
    let build = ProgramBuild(
      layer: self, title: title, set: set, root: checkout.folder, base: "", name: value,
      includes: ["-I", "."], key: ["checkout 1"])
    var content = try await build.content()
    // The user wants to test the checkout that the parameter names, so nothing of it may be left out silently.
    if let absent = content.omitted.first {
      throw ImageError.parameterInvalid(name: parameter, value: value, reason: absent.reason)
    }
    content.details.insert(checkout.identity, at: 0)
    return content
  }
}
