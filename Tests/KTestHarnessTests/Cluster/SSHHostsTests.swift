import Testing

@testable import KTestHarness
@testable import KTestHost
@testable import KTestValues

@Suite("A file of hosts")
struct SSHHostsTests {
  private func read(_ text: String) -> (hosts: SSHHosts?, problems: [String]) {
    let (hosts, diagnostics) = SSHHosts.read(bytes: Array(text.utf8), file: "hosts.yaml")
    return (hosts, diagnostics.map { "\($0.line ?? 0):\($0.column ?? 0) \($0.message)" })
  }

  @Test("in flow and block style, with what is not said")
  func good() {
    let (hosts, problems) = read(
      """
      patience: 90s
      ssh_config: lab/ssh_config
      hosts:
        - {name: epyc-1, address: 'ktest@epyc-1.lab:2222', slots: 8, tags: [kvm, la57]}
        - name: old_xeon
          directory: /scratch/ktest+1
          ktest: bin/ktest
        - {name: six, address: 'me@[fe80::1]:22'}
        - {name: seven, address: '[::1]'}
        - {name: eight.lab, address: 10.0.0.7}
      """)
    #expect(problems == [])
    #expect(hosts?.patience == 90 && hosts?.configuration == "lab/ssh_config")
    func host(
      _ name: String, _ target: String, port: Int? = nil, slots: Int = 1, tags: [String] = [],
      directory: String = ".cache/ktest-work", ktest: String? = nil
    ) -> SSHHosts.Host {
      SSHHosts.Host(
        name: name, target: target, port: port, slots: slots, tags: tags, directory: directory, ktest: ktest)
    }
    #expect(
      hosts?.hosts == [
        host("epyc-1", "ktest@epyc-1.lab", port: 2222, slots: 8, tags: ["kvm", "la57"]),
        host("old_xeon", "old_xeon", directory: "/scratch/ktest+1", ktest: "bin/ktest"),
        host("six", "me@fe80::1", port: 22), host("seven", "::1"), host("eight.lab", "10.0.0.7"),
      ])
    #expect(read("hosts: [{name: a}]").hosts?.patience == 300)
  }

  @Test(
    "that is wrong is refused with the place and what is wrong there",
    arguments: [
      ("hosts: []", "1:8 there is no host"),
      ("patience: 5m", "1:1 a file of hosts needs the key 'hosts'"),
      ("hosts: [{name: a, slot: 2}]", "1:19 unknown key 'slot' in a host; did you mean 'slots'?"),
      ("hosts: [{name: a}, {name: a}]", "1:27 two hosts have the name 'a'"),
      ("hosts: [{address: b}]", "1:9 a host needs the key 'name'"),
      ("hosts: [{name: a, slots: 0}]", "1:26 "), ("hosts: [{name: a, slots: 1025}]", "1:26 "),
      ("hosts:\n  - {name: 'a b'}", "2:12 'a b' cannot be a host's name"),
      ("hosts: [{name: -oProxyCommand}]", "1:16 '-oProxyCommand' cannot be a host's name"),
      ("hosts: [{name: '$(x)'}]", "1:16 '$(x)' cannot be a host's name"),
      ("hosts: [{name: ../a}]", "1:16 '../a' cannot be a host's name"),
      ("hosts: [{name: a, address: 'b:ssh'}]", "1:28 'ssh' is no port"),
      ("hosts: [{name: a, address: 'b:0'}]", "1:28 '0' is no port"),
      ("hosts: [{name: a, address: 'b:65536'}]", "1:28 '65536' is no port"),
      ("hosts: [{name: a, address: 'b:22:1'}]", "1:28 '22:1' is no port"),
      ("hosts: [{name: a, address: '[::1'}]", "1:28 '[' cannot be a host's name"),
      ("hosts: [{name: a, address: '[]'}]", "1:28 '' is no address"),
      ("hosts: [{name: a, address: '[::1;x]'}]", "1:28 '::1;x' is no address"),
      ("hosts: [{name: a, address: '[::1]x'}]", "1:28 '[::1]x' is no address"),
      ("hosts: [{name: a, address: '-o x@b'}]", "1:28 '-o x' cannot be a host's name"),
      ("hosts: [{name: a, address: 'x;y@b'}]", "1:28 'x;y' cannot be a host's name"),
      ("hosts: [{name: a, address: '@b'}]", "1:28 '' cannot be a host's name"),
      ("hosts: [{name: a, address: 'b c'}]", "1:28 'b c' cannot be a host's name"),
      ("hosts: [{name: a, directory: 'a b'}]", "1:30 'a b' cannot be a path on another host"),
      ("hosts: [{name: a, directory: a;b}]", "1:30 'a;b' cannot be a path on another host"),
      ("hosts: [{name: a, directory: $HOME}]", "1:30 '$HOME' cannot be a path on another host"),
      ("hosts: [{name: a, directory: ~/x}]", "1:30 '~/x' cannot be a path on another host"),
      ("hosts: [{name: a, directory: a/../../b}]", "1:30 'a/../../b' cannot be a path on another host"),
      ("hosts: [{name: a, directory: ''}]", "1:30 "),
      ("hosts: [{name: a, ktest: -x}]", "1:26 '-x' cannot be a path on another host"),
      ("hosts: [{name: a, ktest: '`x`'}]", "1:26 '`x`' cannot be a path on another host"),
      ("ssh_config: a'b\nhosts: [{name: a}]", "1:13 'a'b' cannot be a path on another host"),
      ("patience: soon\nhosts: [{name: a}]", "1:11 "), ("patience: -5s\nhosts: [{name: a}]", "1:11 "),
      ("hosts: {name: a}", "1:8 "), ("- a", "1:1 "), ("", "1:1 "), ("hosts: [", "2:"),
    ])
  func bad(_ text: String, _ problem: String) {
    let (hosts, problems) = read(text)
    #expect(hosts == nil)
    #expect(problems.contains { $0.hasPrefix(problem) }, "\(problems)")
  }

  @Test("all problems are told at once")
  func all() {
    let problems = read("hosts: [{name: a b, directory: ..}, {name: c, ktest: ' '}]").problems
    #expect(problems.count == 3, "\(problems)")
  }

  @Test("what reaches rsync's own splitting keeps its blanks")
  func quoting() {
    let host = SSHHosts.Host(
      name: "a", target: "a", port: 22, slots: 1, tags: [], directory: "d", ktest: nil)
    let shell = SSHLink(host: host, configuration: "/home/me/it's my lab/ssh_config").remoteShell
    #expect(shell.hasPrefix("ssh -F '/home/me/it''s my lab/ssh_config' -o BatchMode=yes -o ForwardAgent=no "))
    #expect(shell.hasSuffix(" -p 22"))
  }
}
