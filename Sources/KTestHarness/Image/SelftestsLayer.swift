/// Programs of the kernel's own selftests, and those of a checkout.
extension LayerBuild {
  func selftests(
    _ folder: String, from: [SelftestOrigin], _ set: ProgramSet, title: String
  ) async throws -> LayerContent {
    let tree = try await selftestTree(folder, from: from, title: title)
    let base = "tools/testing/selftests/" + folder
    // Of a library's headers and of a kernel's the kernel's are right: the host's may be years older than the tests.
    let headers = try await kernelHeaders(of: tree, title: title)
    let build = ProgramBuild(
      layer: self, title: title, set: set, root: tree.root, base: base, name: tree.name,
      // As the kernel's lib.mk has it: KHDR_INCLUDES, then TOOLS_INCLUDES.
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
    // A checkout that a parameter names is what the user wants to see tested: nothing of it may be missing quietly.
    if let absent = content.omitted.first {
      throw ImageError.parameterInvalid(name: parameter, value: value, reason: absent.reason)
    }
    content.details.insert(checkout.identity, at: 0)
    return content
  }
}
