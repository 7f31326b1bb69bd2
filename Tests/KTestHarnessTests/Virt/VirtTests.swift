import TestGate
import Testing

@testable import KTestGuests
@testable import KTestValues

/// libvirt's own test driver needs no daemon and no QEMU (https://libvirt.org/drvtest.html).
@Suite("libvirt's calls", .serialized, .gated())
struct VirtTests {
  @Test("a connection tells its version and what runs")
  func connection() throws {
    let connection = try VirtConnection(uri: "test:///default")
    #expect(try connection.hypervisorVersion().split(separator: ".").count == 3)
    #expect(VirtConnection.libraryVersion.split(separator: ".").compactMap { Int($0) }.count == 3)
    let domain = try #require(try connection.runningDomains().first { $0.name == "test" })
    #expect(try domain.xml().contains("<name>test</name>"))
  }

  @Test("errors say what was attempted and what libvirt said")
  func errors() throws {
    let unknown = #expect(throws: VirtError.self) { try VirtConnection(uri: "nosuch:///driver") }
    #expect(unknown?.description.hasPrefix("libvirt could not open nosuch:///driver: ") == true)
    let connection = try VirtConnection(uri: "test:///default")
    let bad = #expect(throws: VirtError.self) { try connection.createPaused(xml: "<domain", name: "ktest-x") }
    #expect(bad?.operation == "start guest ktest-x" && bad?.message.isEmpty == false && bad?.code != 0)
  }

  @Test("a driver that does not take the clock of instructions is named with what helps")
  func clock() async throws {
    let host = try LibvirtHost(uri: "test:///default", stateDirectory: "")
    var guest = GuestSample.description()
    let plain = await #expect(throws: VirtError.self) { try await host.withGuest(guest) { _ in } }
    guest.countsInstructions = true
    let counting = await #expect(throws: GuestError.self) { try await host.withGuest(guest) { _ in } }
    #expect(counting == .refusedClock(plain?.description ?? ""))
    #expect(counting?.description.hasSuffix("run without --connect, or with --clock time") == true)
  }

  /// A host of its own with one guest that runs.
  private func guest(_ name: String, in scratch: Scratch) throws -> (connection: VirtConnection, domain: VirtDomain) {
    let domain = "<domain type='test'><name>\(name)</name><memory>8192</memory><os><type>hvm</type></os></domain>"
    let connection = try VirtConnection(uri: "test://" + scratch.write("node.xml", "<node>\(domain)</node>"))
    return (connection, try #require(try connection.runningDomains().first { $0.name == name }))
  }

  @Test("a domain that has gone is no error to end again")
  func destroyTwice() throws {
    let scratch = try Scratch()
    let (connection, domain) = try guest("ktest-gone", in: scratch)
    try domain.destroy()
    try domain.destroy()
    #expect(try connection.runningDomains().isEmpty)
  }

  @Test("a domain's end comes as an event")
  func lifecycle() async throws {
    let scratch = try Scratch()
    let (_, domain) = try guest("ktest-event", in: scratch)
    let changes = Locked<[VirtDomain.Lifecycle]>([])
    let subscription = try domain.subscribe { change in changes.with { $0.append(change) } }
    try domain.destroy()
    while changes.with({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
    #expect(changes.with { $0 } == [.stopped(.destroyed)])
    withExtendedLifetime(subscription) {}
  }

  @Test("libvirt's numbers for what happens to a domain")
  func numbers() {
    // virDomainEventType, virDomainEventStoppedDetailType
    #expect(VirtDomain.Lifecycle(event: 8, detail: 0) == .panicked)
    #expect(VirtDomain.Lifecycle(event: 6, detail: 1) == .shutDown)
    let stopped: [VirtDomain.Lifecycle.Reason] = [.shutdown, .destroyed, .crashed, .other, .other, .failed, .other]
    for (detail, reason) in stopped.enumerated() {
      #expect(VirtDomain.Lifecycle(event: 5, detail: Int32(detail)) == .stopped(reason))
    }
    for event: Int32 in [0, 1, 2, 3, 4, 7, 99, -1] { #expect(VirtDomain.Lifecycle(event: event, detail: 0) == nil) }
  }

  @Test("what goes through a C pointer is held until it is released")
  func box() {
    final class Witness {}
    weak var seen: Witness?
    var opaque: UnsafeMutableRawPointer?
    do {
      let witness = Witness()
      seen = witness
      opaque = VirtBox(witness).opaque
    }
    #expect(seen != nil && VirtBox<Witness>.value(of: opaque) === seen)
    releaseVirtBox(opaque)
    #expect(seen == nil)
    #expect(VirtBox<Witness>.value(of: nil) == nil)
    releaseVirtBox(nil)
  }
}
