internal import CVirt
internal import Synchronization

/// A libvirt stream: bytes arrive by callback and are sent by ``send(_:)``. It works the same over the embedded driver,
/// a local daemon and a remote host.
///
/// The stream is non-blocking, because a blocking `virStreamRecv` holds the stream's lock and a send would wait for it
/// forever.
package final class VirtStream: Sendable {
  /// The receiver, called on the event loop's thread with bytes, or once with nil when the stream has ended. It returns
  /// whether it wants more now; after `false`, nothing is read until ``resumeReading()``.
  package typealias Receiver = @Sendable (_ bytes: [UInt8]?) -> Bool

  private struct Pointer: @unchecked Sendable {
    // libvirt locks a virStreamPtr internally; the value never changes.
    let value: OpaquePointer
  }

  private struct State {
    var unsent: [UInt8] = []
    var wantsMore = true
    var ended = false
  }

  private let pointer: Pointer
  private let label: String
  private let receive: Receiver
  private let state = Mutex(State())

  init(pointer: OpaquePointer, label: String, receive: @escaping Receiver) throws(VirtError) {
    self.pointer = Pointer(value: pointer)
    self.label = label
    self.receive = receive
    let callback: virStreamEventCallback = { _, events, opaque in
      VirtBox<WeakStream>.value(of: opaque)?.stream?.handle(events)
    }
    let result = virStreamEventAddCallback(
      pointer, VirtStream.reading, callback, VirtBox(WeakStream(stream: self)).opaque, releaseVirtBox)
    try VirtError.check("watch the \(label)", result)
  }

  /// A weak reference, because the callback must not keep the object alive that ends the callback.
  private struct WeakStream { weak let stream: VirtStream? }

  deinit {
    virStreamEventRemoveCallback(pointer.value)
    if !state.withLock({ $0.ended }) { virStreamAbort(pointer.value) }
    virStreamFree(pointer.value)
  }

  private static let failure = Int32(VIR_STREAM_EVENT_ERROR.rawValue | VIR_STREAM_EVENT_HANGUP.rawValue)
  private static let reading = Int32(VIR_STREAM_EVENT_READABLE.rawValue) | failure
  private static let writing = Int32(VIR_STREAM_EVENT_WRITABLE.rawValue)

  /// Queues bytes for the other side, which are sent as it accepts them. Throws if the stream has ended.
  package func send(_ bytes: [UInt8]) throws(VirtError) {
    let accepted = state.withLock { state in
      guard !state.ended else { return false }
      state.unsent.append(contentsOf: bytes)
      return true
    }
    guard accepted else {
      throw VirtError(code: 0, operation: "write to the \(label)", message: "the guest has ended")
    }
    flush()
  }

  /// Resumes reading after the receiver returned `false`.
  package func resumeReading() {
    state.withLock { $0.wantsMore = true }
    updateEvents()
  }

  private func flush() {
    state.withLock { state in
      while !state.unsent.isEmpty && !state.ended {
        let sent = state.unsent.withUnsafeBytes { buffer in
          virStreamSend(pointer.value, buffer.baseAddress?.assumingMemoryBound(to: CChar.self), buffer.count)
        }
        if sent == -2 { break }
        guard sent > 0 else {
          state.unsent = []
          break
        }
        state.unsent.removeFirst(Int(sent))
      }
    }
    updateEvents()
  }

  private func updateEvents() {
    // Inside of the lock: of two threads, the one that saw the older state must not have the last word.
    state.withLock { state in
      guard !state.ended else { return }
      let read = state.wantsMore ? VirtStream.reading : VirtStream.failure
      virStreamEventUpdateCallback(pointer.value, read | (state.unsent.isEmpty ? 0 : VirtStream.writing))
    }
  }

  private func handle(_ events: Int32) {
    if events & VirtStream.writing != 0 { flush() }
    if events & VirtStream.reading != 0 { readAll() }
  }

  /// Reads until the stream has no more data for now. The end of the guest appears as an error, not as end of file.
  private func readAll() {
    let size = 1 << 16
    while state.withLock({ !$0.ended && $0.wantsMore }) {
      let bytes: [UInt8]?
      var count: Int32 = 0
      bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
        let raw = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
        count = virStreamRecv(pointer.value, raw, buffer.count)
        initialized = max(0, Int(count))
      }
      if count == -2 { return }
      guard count > 0, let bytes else { return end() }
      if !receive(bytes) {
        state.withLock { $0.wantsMore = false }
        updateEvents()
      }
    }
  }

  private func end() {
    let first = state.withLock { state in
      defer { state.ended = true }
      return !state.ended
    }
    guard first else { return }
    virStreamEventRemoveCallback(pointer.value)
    virStreamAbort(pointer.value)
    _ = receive(nil)
  }
}
