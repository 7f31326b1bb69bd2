internal import CVirt

/// A libvirt call failed (https://libvirt.org/html/libvirt-virterror.html).
public struct VirtError: Error, Equatable, CustomStringConvertible {
  /// `virErrorNumber`, for example 42 (`VIR_ERR_NO_DOMAIN`).
  public var code: Int32
  /// What was attempted, with what: "start guest ktest-1f3a".
  public var operation: String
  /// libvirt's own sentence.
  public var message: String

  public var description: String { "libvirt could not \(operation): \(message)" }

  /// The calling thread's last error. libvirt keeps it per thread: this must run in the function that made the call.
  static func last(_ operation: String) -> VirtError {
    guard let error = virGetLastError() else {
      return VirtError(code: 0, operation: operation, message: "no reason given")
    }
    let message = error.pointee.message.map { String(cString: $0) } ?? "no reason given"
    return VirtError(code: error.pointee.code, operation: operation, message: message)
  }

  /// The one funnel for calls that return a negative number on failure.
  @discardableResult
  static func check(_ operation: @autoclosure () -> String, _ result: Int32) throws(VirtError) -> Int32 {
    guard result >= 0 else { throw last(operation()) }
    return result
  }

  /// The one funnel for calls that return NULL on failure.
  static func check(
    _ operation: @autoclosure () -> String, _ result: OpaquePointer?
  ) throws(VirtError) -> OpaquePointer {
    guard let result else { throw last(operation()) }
    return result
  }
}
