import Foundation
import Glibc
import Synchronization

/// An HTTP server on 127.0.0.1 that gives the answers it is told to, one after the other, and remembers what it was asked.
final class LocalServer: Sendable {
  struct Request: Sendable {
    var head: String
    var body: Data
  }

  let port: UInt16
  private let socket: Int32
  private let seen = Mutex<[Request]>([])

  var requests: [Request] { seen.withLock { $0 } }

  /// - Parameter answers: status lines with further header lines, such as `503 Service Unavailable`; the last one is repeated.
  init(answers: [String]) throws {
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isOpen = withUnsafeMutableBytes(of: &address) { bytes in
      let pointer = bytes.assumingMemoryBound(to: sockaddr.self).baseAddress
      return bind(socket, pointer, length) == 0 && listen(socket, 8) == 0 && getsockname(socket, pointer, &length) == 0
    }
    guard socket >= 0, isOpen else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
    self.socket = socket
    port = UInt16(bigEndian: address.sin_port)
    // It waits for connections, which no thread of the pool may do.
    Thread.detachNewThread { [self] in
      var answers = answers[...]
      while true {
        let connection = accept(socket, nil, nil)
        guard connection >= 0 else { return }
        if let request = read(connection) { seen.withLock { $0.append(request) } }
        let answer = answers.first ?? ""
        if answers.count > 1 { answers = answers.dropFirst() }
        let body = "{\"said\": \"\(answer.prefix(3))\"}"
        send("HTTP/1.1 \(answer)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)", connection)
        close(connection)
      }
    }
  }

  func stop() {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func read(_ connection: Int32) -> Request? {
    var bytes = Data()
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      if let end = bytes.firstRange(of: Data("\r\n\r\n".utf8)) {
        let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self)
        let length = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length:") }
          .flatMap { Int($0.dropFirst(15).filter(\.isNumber)) }
        let body = bytes[end.upperBound...]
        if body.count >= length ?? 0 { return Request(head: head, body: body) }
        if body.isEmpty, head.lowercased().contains("expect: 100") { send("HTTP/1.1 100 Continue\r\n\r\n", connection) }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes.append(contentsOf: buffer.prefix(count))
    }
  }

  private func send(_ text: String, _ connection: Int32) {
    _ = Array(text.utf8).withUnsafeBytes {
      Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }
}
