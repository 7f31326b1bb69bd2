import ArgumentParser
import Foundation
import KTestHarness

extension BenchCommand {
  struct Console: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Time the search for splats in a clean log and in one full of them, beside grep; say peak memory.")

    @Option(help: ArgumentHelp("The size of each log.", valueName: "n"))
    var megabytes = 256

    @Option(help: ArgumentHelp("How often each is read.", valueName: "n"))
    var rounds = 3

    @Option(help: ArgumentHelp("Measure with this log too.", valueName: "file"))
    var log: [String] = []

    @Option(help: "text or json.") var format = OutputFormat.text

    func validate() throws {
      guard (1...100_000).contains(megabytes) else { throw ValidationError("--megabytes is a number from 1 to 100000") }
      guard (1...1000).contains(rounds) else { throw ValidationError("--rounds is a number from 1 to 1000") }
    }

    func run() async throws {
      try await reporting {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ktest-bench-\(getpid())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let bench = try await interruptible { try await measure(in: folder) }
        writeAll(format == .json ? bench.json : sanitised(bench.text, keepingLines: true), to: 1)
      }
    }

    private func measure(in folder: String) async throws -> ConsoleBench {
      let line = ProgressLine()
      defer { line.clear() }
      var bench = ConsoleBench()
      for sample in SampleLog.allCases {
        line.show("the log '\(sample.rawValue)'")
        let file = "\(folder)/\(sample.rawValue)"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        let handle = try FileHandle(forWritingTo: URL(filePath: file))
        try sample.write(bytes: megabytes * 1_000_000) { try handle.write(contentsOf: $0) }
        try handle.close()
        bench.add(try await measure(file, named: sample.rawValue))
        try FileManager.default.removeItem(atPath: file)
      }
      for file in log {
        line.show("the log \(file)")
        bench.add(try await measure(file, named: URL(filePath: file).lastPathComponent))
      }
      return bench
    }

    private func measure(_ file: String, named name: String) async throws -> ConsoleBench.Row {
      let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
      var (seconds, grep) = (Samples(), Samples())
      var (splats, bytes, peakEarly, peak) = (0, 0, 0, 0)
      for _ in 0..<rounds {
        try Task.checkCancellation()
        PeakMemory.reset()
        (splats, bytes, peakEarly) = (0, 0, 0)
        let clock = ContinuousClock()
        let start = clock.now
        var stream = SplatStream()
        try await readLog(file) { input in
          if case .bytes(let piece) = input {
            splats += stream.push(piece).count
            bytes += piece.count
            if peakEarly == 0, bytes >= size / 16 { peakEarly = PeakMemory.kibibytes }
          }
          return true
        }
        splats += stream.finish().count
        let time = (clock.now - start).components
        seconds.add(Double(time.seconds) + Double(time.attoseconds) / 1e18)
        peak = max(peak, PeakMemory.kibibytes)
        let process = try? await TimedProcess.run("env", ["LC_ALL=C", "grep", "-cE", ConsoleBench.headers, file])
        if let process { grep.add(process.seconds) }
      }
      return ConsoleBench.Row(
        log: name, bytes: bytes, splats: splats, seconds: seconds, grep: grep, peakEarly: peakEarly, peak: peak)
    }
  }
}

/// The most memory that this process had at once.
private enum PeakMemory {
  /// Begins anew with what is in use now (proc_pid_clear_refs(5)); where that is forbidden, the peak is that of all.
  static func reset() { try? "5".write(toFile: "/proc/self/clear_refs", atomically: false, encoding: .utf8) }

  static var kibibytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return line.flatMap { Int($0.filter { $0.isNumber }) } ?? 0
  }
}
