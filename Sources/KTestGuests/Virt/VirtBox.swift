/// Carries a Swift value through a C callback's `void *`. It is retained once, and the C library's free callback
/// releases it.
final class VirtBox<Value> {
  let value: Value

  init(_ value: Value) { self.value = value }

  var opaque: UnsafeMutableRawPointer { Unmanaged.passRetained(self).toOpaque() }

  static func value(of opaque: UnsafeMutableRawPointer?) -> Value? {
    opaque.map { Unmanaged<VirtBox<Value>>.fromOpaque($0).takeUnretainedValue().value }
  }
}

/// Releases what ``VirtBox/opaque`` retained, whatever it holds.
func releaseVirtBox(_ opaque: UnsafeMutableRawPointer?) {
  if let opaque { Unmanaged<AnyObject>.fromOpaque(opaque).release() }
}
