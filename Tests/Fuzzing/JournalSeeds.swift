/// Journals to mutate: manifest, events and the files beside them, joined.
enum JournalSeeds {
  static let manifest = """
    {"schema":1,"run":"2026-11-21T101502-4000","ktest":"0.1.0","started":"2026-11-21T10:15:02.250Z",\
    "arguments":["run","demo","--kernel","a"],"selection":["demo:map-*"],\
    "suites":[{"name":"demo","path":"suites/demo.yaml","file":"suites/1-demo.yaml","sha256":"00ff","image":"base","imageHash":"ab"}],\
    "kernels":[{"label":"6.12","source":"debian:6.12-cloud","release":"6.12.1","image":"/boot/vmlinuz","identity":"12"},\
    {"label":"6.1","source":"debian:6.1-cloud","release":"6.1.9","image":"/boot/vmlinuz","identity":"34","configHash":"56"}],\
    "images":[{"suite":"demo","kernel":"6.12","name":"base","sha256":"78","layers":[{"title":"package x","identity":"9",\
    "details":["x=1"],"omitted":{"/usr/bin/y":"not in it"}}]}],\
    "parameters":{"ndctl":"/src/ndctl"},"accelerator":{"asked":"auto","used":"tcg"},\
    "boots":[{"boot":1,"suite":"demo","kernel":"6.12","commandLine":"console=ttyS0"}],\
    "commandLines":[{"suite":"demo","kernel":"6.1","commandLine":"nokaslr"}],"qemu":"7.2.22","libvirt":"9.0.0",\
    "host":{"cpus":2,"memory":25769803776,"kernel":"6.1.0"},"seeds":{"order":18446744073709551615}}
    """

  private static func line(_ second: Int, _ rest: String) -> String {
    "{\"v\":1,\"t\":\"2026-11-21T10:15:\(second < 10 ? "0" : "")\(second).301Z\",\(rest)}"
  }

  private static func started(_ second: Int, _ kernel: String, _ name: String, boot: String) -> String {
    line(
      second,
      "\"type\":\"caseStarted\",\"boot\":\(boot),\"suite\":\"demo\",\"kernel\":\"\(kernel)\",\"case\":\"\(name)\"")
  }

  private static func finished(
    _ second: Int, _ kernel: String, _ name: String, _ verdict: String, _ fields: String
  ) -> String {
    let result = "\"name\":\"\(name)\",\"verdict\":\"\(verdict)\",\"seconds\":2.25,\(fields)"
    return line(
      second, "\"type\":\"caseFinished\",\"suite\":\"demo\",\"kernel\":\"\(kernel)\",\"result\":{\(result)}")
  }

  private static let none = "\"subtests\":{\"pass\":0,\"fail\":0,\"skip\":0,\"known\":0},\"notes\":[],\"splats\":[]"
  private static let notes = """
    "notes":[{"id":"2m/sigbus","verdict":"fail","known":false,"detail":"expected \\"x\\", got 0"},\
    {"id":"fork","verdict":"fail","known":true,"detail":"known"},{"id":"smaps","verdict":"pass","known":true,"detail":""}]
    """
  private static let splats = """
    "splats":[{"title":"WARNING: at mm/gup.c:12 gup","type":"WARNING","guestSeconds":4.41,"start":10,"end":90}]
    """
  private static let metrics = """
    "metrics":[{"name":"lat","value":12.5,"unit":"us","better":"lower"},{"name":"lat","value":14,"unit":"us","better":"lower"},\
    {"name":"bw","value":2.5e3,"unit":"GB/s","better":"higher","subtest":"2m/read"}]
    """
  private static let evidence = """
    "evidence":{"summary":"task x hangs in y","files":["evidence/boot-1/tasks.log"],"memory":"evidence/boot-1/memory.elf","vmlinux":null}
    """
  private static let findings = """
    "program":{"how":"exited","status":1,"said":"verify failed"},\
    "findings":[{"kind":"splat","verdict":"fail","text":"kernel: WARNING"},{"kind":"artefact","verdict":"pass","text":"cut"}]
    """
  private static let limit = "\"limit\":{\"seconds\":60,\"addedSeconds\":25.5,\"exhausted\":false}"
  private static let usage = "\"usage\":{\"userSeconds\":0.1,\"systemSeconds\":0.2,\"peakResidentKiB\":1024}"

  private static func boot(_ second: Int, _ id: Int, _ kernel: String, _ verdict: String, _ fields: String) -> String {
    line(
      second,
      "\"type\":\"bootFinished\",\"result\":{\"id\":\(id),\"suite\":\"demo\",\"kernel\":\"\(kernel)\","
        + "\"verdict\":\"\(verdict)\",\"readySeconds\":1.9,\"seconds\":9.5,\"console\":\"consoles/boot-\(id).log\",\(fields)}"
    )
  }

  /// Two kernels: one run through, one that crashed.
  static let events = [
    line(2, "\"type\":\"runStarted\",\"plannedCases\":5,\"plannedBoots\":2"),
    line(2, "\"type\":\"notice\",\"text\":\"KVM is not usable; guests run under TCG\""),
    started(2, "6.12", "upstream", boot: "null"),
    finished(2, "6.12", "upstream", "skip", "\"reason\":\"give --set ndctl=PATH\",\"boot\":null," + none),
    line(
      2,
      "\"type\":\"groupAnswered\",\"answer\":{\"host\":{\"name\":\"h1\",\"ktest\":\"0.1.0\",\"time\":1800000000,"
        + "\"qemu\":\"9.2.1\",\"accelerator\":\"kvm\",\"processors\":8,\"memory\":68719476736,\"kernel\":\"6.12\"},"
        + "\"round\":1,\"group\":2,\"firstBoot\":1,\"cases\":[\"demo:map\",\"demo:poison\"],"
        + "\"losses\":[{\"host\":\"h2\",\"reason\":\"power cut\"}]}"),
    line(
      3, "\"type\":\"bootStarted\",\"boot\":1,\"suite\":\"demo\",\"kernel\":\"6.12\",\"cases\":[\"map\",\"poison\"]"),
    line(4, "\"type\":\"bootReady\",\"boot\":1,\"seconds\":1.906"),
    started(4, "6.12", "map", boot: "1"),
    finished(
      6, "6.12", "map", "pass",
      "\"subtests\":{\"pass\":13,\"fail\":0,\"skip\":1,\"known\":1},\"notes\":[],\"splats\":[],\"boot\":1,"
        + metrics + "," + usage + "," + limit),
    started(6, "6.12", "poison", boot: "1"),
    finished(
      8, "6.12", "poison", "fail",
      "\"reason\":\"2m/sigbus failed\",\"subtests\":{\"pass\":1,\"fail\":1,\"skip\":0,\"known\":1},\"boot\":1,"
        + [notes, splats, evidence, findings].joined(separator: ",")),
    boot(9, 1, "6.12", "pass", "\"splats\":[]"),
    line(
      10, "\"type\":\"bootStarted\",\"boot\":2,\"suite\":\"demo\",\"kernel\":\"6.1\",\"cases\":[\"map\",\"poison\"]"),
    started(12, "6.1", "map", boot: "2"),
    finished(20, "6.1", "map", "crash", "\"reason\":\"the kernel panicked while the case ran\",\"boot\":2," + none),
    boot(21, 2, "6.1", "crash", "\"reason\":\"panic\"," + splats),
    line(22, "\"type\":\"runFinished\",\"verdict\":\"crash\",\"interrupted\":false,\"seconds\":20.5"),
  ]

  static let all: [[UInt8]] = {
    func journal(_ events: [String]) -> [UInt8] {
      JoinedFiles.join([
        ("manifest.json", manifest), ("events.jsonl", events.joined(separator: "\n") + "\n"),
        ("consoles/boot-1.log", "[    1.000000] Linux version 6.12\n[    4.410000] WARNING: at mm/gup.c:12 gup\n"),
        ("consoles/boot-2.log", "[    4.410000] Kernel panic - not syncing: x\r\n"),
        ("output/6.12/demo/poison.out", "ok 1 a\nnot ok 2 sigbus\n\u{1b}[31mred\u{1b}[0m\n"),
        ("output/6.1/demo/map.err", "Aborted\n"),
      ])
    }
    // Whole, killed in the middle of a case, and killed before the first boot.
    return [journal(events), journal(Array(events.prefix(9))), journal(Array(events.prefix(4)))]
  }()
}
