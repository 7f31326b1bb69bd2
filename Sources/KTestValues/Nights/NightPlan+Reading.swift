extension NightPlan {
  /// Parses and checks the text of a plan. If there is an error among the diagnostics, the plan is nil. `file` is for the
  /// diagnostics.
  package static func read(
    bytes: [UInt8], file: String, limits: YAMLLimits = .standard
  ) -> (plan: NightPlan?, diagnostics: [Diagnostic]) {
    let diagnostics = Diagnostics(file: file)
    guard let root = YAMLReader.read(bytes: bytes, limits: limits, diagnostics: diagnostics),
      let map = YAMLMapReader(root, NightSchema.night, diagnostics)
    else { return (nil, diagnostics.all) }
    let plan = NightPlan(map)
    return (diagnostics.hasErrors ? nil : plan, diagnostics.all)
  }

  private init(_ map: YAMLMapReader) {
    let kernels = map.kernels
    self.init(
      name: map.value("night", NameRule("a night's name", first: "a-z0-9", rest: "a-z0-9-")) ?? "", kernels: kernels,
      suites: map.suites(on: kernels.map(\.name)))
    if let inner = map.map("budget", NightSchema.budget) {
      budget.time = inner.duration("time") ?? budget.time
      budget.runs = inner.integer("runs", in: NightSchema.runs) ?? budget.runs
      budget.searches = inner.integer("searches", in: NightSchema.searches) ?? budget.searches
    }
    drills = map.map("drills", NightSchema.drills).flatMap { $0.drills(in: kernels) }
    labs = map.labs
    (excuses, pages, kcidb) = (map.path("excuses"), map.path("pages"), map.path("kcidb"))
    mail = map.map("mail", NightSchema.mail).flatMap(\.mail)
  }
}

extension YAMLMapReader {
  /// Returns a text that is not empty.
  fileprivate func path(_ key: String) -> String? { node(key).flatMap { diagnostics.filled($0, key) } }

  fileprivate func texts(_ key: String, of what: String) -> [String] {
    let read = list(key, of: what) { diagnostics.filled($0, what) }
    if read?.isEmpty == true, case .sequence(let items)? = node(key)?.content, items.isEmpty {
      error(key, "the list is empty", note: "remove the key \(key), or name something")
    }
    return read ?? []
  }

  fileprivate var kernels: [NightPlan.Kernel] {
    var names: Set<String> = []
    let read: [NightPlan.Kernel]? = list("kernels", of: "kernels") { node in
      guard let kernel = diagnostics.kernel(node) else { return nil }
      if !names.insert(kernel.name).inserted {
        diagnostics.error(
          at: node.mark, "two kernels have the name \(Phrase.quoted(kernel.name))", note: "give one of them a name")
      }
      return kernel
    }
    if read?.isEmpty == true, case .sequence(let items)? = node("kernels")?.content, items.isEmpty {
      error("kernels", "there is no kernel; name at least one")
    }
    return read ?? []
  }

  fileprivate func suites(on kernels: [String]) -> [NightPlan.Suite] {
    let read: [NightPlan.Suite]? = list("suites", of: "suites") { node in
      if case .scalar = node.content {
        return diagnostics.filled(node, "a suite").map { NightPlan.Suite(name: $0) }
      }
      guard let map = YAMLMapReader(node, NightSchema.suite, diagnostics) else { return nil }
      var parameters: [String: String] = [:]
      for entry in map.entries("set", "a mapping of parameters") ?? [] {
        diagnostics.checkKey(entry, NameRule.parameter)
        parameters[entry.key] = diagnostics.string(entry.value)
      }
      return NightPlan.Suite(
        name: map.path("suite") ?? "", cases: map.texts("cases", of: "cases"), cells: map.cells,
        tags: map.texts("tags", of: "tags"), parameters: parameters, kernels: map.names(among: kernels))
    }
    if read?.isEmpty == true, case .sequence(let items)? = node("suites")?.content, items.isEmpty {
      error("suites", "there is no suite; name at least one")
    }
    return read ?? []
  }

  private var cells: [String] {
    list("cells", of: "cells") { node in
      guard let text = diagnostics.filled(node, "AXIS=VALUE") else { return nil }
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else {
        diagnostics.error(at: node.mark, "expected AXIS=VALUE, found \(Phrase.quoted(text))")
        return nil
      }
      return text
    } ?? []
  }

  private func names(among kernels: [String]) -> [String] {
    list("kernels", of: "names of kernels") { node in
      guard let name = diagnostics.filled(node, "the name of a kernel") else { return nil }
      guard kernels.contains(name) else {
        let nearest = Suggestion.ending(for: name, in: kernels)
        diagnostics.error(
          at: node.mark, "the plan has no kernel \(Phrase.quoted(name))\(nearest)",
          note: nearest.isEmpty ? "it has \(kernels.joined(separator: ", "))" : nil)
        return nil
      }
      return name
    } ?? []
  }

  fileprivate var labs: [NightPlan.Lab] {
    var names: Set<String> = []
    return list("labs", of: "labs") { node in
      guard let map = YAMLMapReader(node, NightSchema.lab, diagnostics), let name = map.path("name"),
        let results = map.path("results")
      else { return nil }
      if !names.insert(name).inserted {
        diagnostics.error(at: node.mark, "two labs have the name \(Phrase.quoted(name))")
      }
      return NightPlan.Lab(name: name, results: results)
    } ?? []
  }

  /// Drills need a branch: a bug is planted into its newest commits.
  fileprivate func drills(in kernels: [NightPlan.Kernel]) -> NightPlan.Drills? {
    let names = kernels.filter(\.isBranch).map(\.name)
    let patches = texts("patches", of: "files")
    let every = integer("every", in: NightSchema.every)
    let wanted = path("kernel")
    guard let name = wanted ?? names.first else {
      if !has("kernel") {
        diagnostics.error(
          at: mark, "no kernel of the plan has a tree, so no bug can be planted",
          note: "name a kernel with 'tree' and 'branch', or remove the drills")
      }
      return nil
    }
    guard names.contains(name) else {
      error(
        "kernel", "the plan has no kernel \(Phrase.quoted(name)) with a tree",
        note: names.isEmpty ? "none of its kernels has one" : "it has \(names.joined(separator: ", "))")
      return nil
    }
    return NightPlan.Drills(every: every ?? 7, patches: patches, kernel: name)
  }

  fileprivate var mail: NightPlan.Mail? {
    let to = texts("to", of: "addresses")
    switch (path("file"), path("sendmail")) {
    case (let file?, nil): return NightPlan.Mail(to: to, way: .file(file))
    case (nil, let program?): return NightPlan.Mail(to: to, way: .sendmail(program))
    case (nil, nil):
      diagnostics.error(at: mark, "the mail goes nowhere", note: "write file: FILE or sendmail: PROGRAM")
    case (_?, _?): error("sendmail", "the mail has a file and a program; give one of them")
    }
    return nil
  }
}

extension Diagnostics {
  /// Returns a text that is neither empty nor of several lines.
  fileprivate func filled(_ node: YAMLNode, _ what: String) -> String? {
    guard let text = string(node) else { return nil }
    guard !text.isEmpty, !text.contains(where: \.isNewline) else {
      error(at: node.mark, "expected \(what), found \(Phrase.quoted(text))")
      return nil
    }
    return text
  }

  /// The keys that say how a kernel is built.
  private static let buildKeys = ["base", "fragments", "for"]

  fileprivate func kernel(_ node: YAMLNode) -> NightPlan.Kernel? {
    if case .scalar = node.content {
      return filled(node, "a kernel").map { NightPlan.Kernel(name: $0, source: .named($0)) }
    }
    guard let map = YAMLMapReader(node, NightSchema.kernel, self) else { return nil }
    let source: NightPlan.Kernel.Source
    var name = ""
    switch (map.path("kernel"), map.path("tree")) {
    case (let kernel?, nil):
      for key in ["branch", "remote"] where map.has(key) {
        error(at: map.mark(of: key), "\(key) belongs to a tree", note: "write tree: instead of kernel:")
      }
      (source, name) = (.named(kernel), kernel)
    case (nil, let tree?):
      guard let branch = map.path("branch") else {
        if !map.has("branch") {
          error(at: map.mark, "a tree needs the key 'branch'", note: "for one commit, write kernel: TREE@REVISION")
        }
        return nil
      }
      (source, name) = (.branch(tree: tree, remote: map.path("remote") ?? "origin", branch: branch), branch)
    case (nil, nil):
      if !map.has("kernel"), !map.has("tree") {
        error(at: map.mark, "a kernel of a night needs the key 'kernel' or 'tree'")
      }
      return nil
    case (_?, _?):
      error(at: map.mark(of: "tree"), "a kernel of a night has 'kernel' or 'tree', not both")
      return nil
    }
    return NightPlan.Kernel(
      name: map.path("name") ?? name, source: source, base: map.path("base") ?? "allnoconfig",
      fragments: map.texts("fragments", of: "files"), configuredFor: map.texts("for", of: "suites"))
  }
}

extension NightPlan.Kernel {
  fileprivate var isBranch: Bool { if case .branch = source { true } else { false } }
}
