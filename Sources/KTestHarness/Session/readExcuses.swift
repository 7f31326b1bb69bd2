import KTestHost
package import KTestValues

/// Reads the excuses of a state directory, the file `excuses.yaml` in it. Without that file there are none.
///
/// - Throws: ``Failure``.
package func readExcuses(in state: String) throws -> Excuses {
  let path = "\(state)/excuses.yaml"
  do { return try excuses(at: path) } catch FileProblem.absent { return Excuses() } catch is FileProblem {
    return try readExcuses(at: path)
  }
}

/// Reads an excuses file. All errors in it are thrown as one message.
///
/// - Throws: ``Failure``.
package func readExcuses(at path: String) throws -> Excuses {
  do { return try excuses(at: path) } catch let problem as FileProblem {
    throw Failure(.usage, "cannot read the excuses \(PathText.shown(path)): \(problem.reason)")
  }
}

private func excuses(at path: String) throws -> Excuses {
  let bytes: [UInt8]
  do {
    bytes = try RegularFile.bytes(of: path, limit: YAMLLimits.standard.bytes)
  } catch FileProblem.tooLarge(_, let size, let limit) {
    throw Failure(
      .data, "\(path): error: the file has \(size) bytes; the limit is \(limit)\n  note: is it the right file?")
  }
  let (excuses, diagnostics) = Excuses.read(bytes: bytes, file: path)
  guard let excuses else {
    throw Failure(.data, "these excuses cannot be used\n\(DiagnosticRenderer(source: bytes).render(diagnostics))")
  }
  return excuses
}
