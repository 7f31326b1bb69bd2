internal import Foundation
import Glibc
import KTestHost
import KTestValues

/// Times the search for splats in logs of its own and in those that are named, beside grep.
package struct ConsoleBenchJob: Sendable {
  package var display: any SessionDisplay
  /// The size of each log of its own.
  package var bytes: Int
  package var rounds: Int
  /// Paths of further logs.
  package var logs: [String]

  package init(_ display: any SessionDisplay, bytes: Int, rounds: Int, logs: [String] = []) {
    self.display = display
    self.bytes = bytes
    self.rounds = rounds
    self.logs = logs
  }

  package func measure() async throws -> ConsoleBench {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ktest-bench-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer {
      try? FileManager.default.removeItem(atPath: folder)
      display.clear()
    }
    var bench = ConsoleBench()
    for sample in SampleLog.allCases {
      display.show(.step("the log '\(sample.rawValue)'"))
      let file = "\(folder)/\(sample.rawValue)"
      _ = FileManager.default.createFile(atPath: file, contents: nil)
      let handle = try FileHandle(forWritingTo: URL(filePath: file))
      try sample.write(bytes: bytes) { try handle.write(contentsOf: $0) }
      try handle.close()
      bench.add(try await measure(file, named: sample.rawValue))
      try FileManager.default.removeItem(atPath: file)
    }
    for file in logs {
      display.show(.step("the log \(file)"))
      bench.add(try await measure(file, named: URL(filePath: file).lastPathComponent))
    }
    return bench
  }

  private func measure(_ file: String, named name: String) async throws -> ConsoleBench.Row {
    let size = (try? FileManager.default.attributesOfItem(atPath: file)[.size] as? Int) ?? 0
    var (seconds, grep, processor, grepProcessor) = (Samples(), Samples(), Samples(), Samples())
    var (splats, bytes, peakEarly, peak) = (0, 0, 0, 0)
    for _ in 0..<rounds {
      try Task.checkCancellation()
      PeakMemory.reset()
      (splats, bytes, peakEarly) = (0, 0, 0)
      let clock = ContinuousClock()
      let (start, used) = (clock.now, ProcessorTime.own)
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
      seconds.add((clock.now - start) / .seconds(1))
      processor.add(ProcessorTime.own - used)
      peak = max(peak, PeakMemory.kibibytes)
      let usedByGrep = ProcessorTime.children
      let process = try? await TimedProcess.run("env", ["LC_ALL=C", "grep", "-cE", ConsoleBench.headers, file])
      if let process {
        grep.add(process.seconds)
        grepProcessor.add(ProcessorTime.children - usedByGrep)
      }
    }
    return ConsoleBench.Row(
      log: name, bytes: bytes, splats: splats, seconds: seconds, grep: grep, processor: processor,
      grepProcessor: grepProcessor, peakEarly: peakEarly, peak: peak)
  }
}

/// The processor time so far, in seconds.
private enum ProcessorTime {
  /// That of this process, of all threads.
  static var own: Double { seconds(of: RUSAGE_SELF) }
  /// That of its children which have ended.
  static var children: Double { seconds(of: RUSAGE_CHILDREN) }

  private static func seconds(of whom: __rusage_who) -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(whom.rawValue), &usage)
    return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
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
