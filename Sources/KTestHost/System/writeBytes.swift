import Glibc

/// Writes all bytes to a descriptor, also to one that does not block.
/// - Returns: 0, or the error number.
package func writeBytes(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { writeBytes($0, to: descriptor) }
}

package func writeBytes(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
  var rest = bytes[...]
  while !rest.isEmpty {
    let part = UnsafeRawBufferPointer(rebasing: rest)
    let count = write(descriptor, part.baseAddress, part.count)
    if count > 0 {
      rest = rest.dropFirst(count)
    } else if count == 0 {
      return EIO
    } else if errno == EAGAIN {
      var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard poll(&wait, 1, 1000) > 0 else { return EAGAIN }
    } else if errno != EINTR {
      return errno
    }
  }
  return 0
}
