internal import CVirt

/// The error of a failed libvirt call (https://libvirt.org/html/libvirt-virterror.html).
package struct VirtError: Error, Equatable, CustomStringConvertible {
  /// The `virErrorNumber`, for example 42 (`VIR_ERR_NO_DOMAIN`).
  package var code: Int32
  /// The operation and its object: "start guest ktest-1f3a".
  package var operation: String
  /// libvirt's message.
  package var message: String

  package var description: String { "libvirt could not \(operation): \(message)" }

  /// Returns the calling thread's last error. libvirt keeps it per thread, so the function that made the call must call
  /// this.
  static func last(_ operation: String) -> VirtError {
    guard let error = virGetLastError() else {
      return VirtError(code: 0, operation: operation, message: "no reason given")
    }
    let message = error.pointee.message.map { String(cString: $0) } ?? "no reason given"
    return VirtError(code: error.pointee.code, operation: operation, message: message)
  }

  /// Checks the result of a call that returns a negative number on failure.
  @discardableResult
  static func check(_ operation: @autoclosure () -> String, _ result: Int32) throws(VirtError) -> Int32 {
    guard result >= 0 else { throw last(operation()) }
    return result
  }

  /// Checks the result of a call that returns NULL on failure.
  static func check(
    _ operation: @autoclosure () -> String, _ result: OpaquePointer?
  ) throws(VirtError) -> OpaquePointer {
    guard let result else { throw last(operation()) }
    return result
  }
}
