import Foundation
import FoundationNetworking

/// A server's answer.
package struct HTTPReply: Sendable, Equatable {
  package var status: Int
  /// The start of the body, at most 4 KiB, with bytes that are not UTF-8 replaced.
  package var body: String

  package init(status: Int, body: String = "") { (self.status, self.body) = (status, body) }
}

/// Where JSON is sent by HTTP POST (RFC 9110), with a token that only that server gets: redirects are not followed.
package struct HTTPPost: Sendable {
  private let url: URL
  private let token: String?

  /// - Throws: ``HTTPProblem`` if `address` is no URL of http or https, or if the token would travel in clear text to another machine.
  package init(to address: String, token: String?) throws(HTTPProblem) {
    guard let url = URL(string: address), let scheme = url.scheme, ["http", "https"].contains(scheme),
      let host = url.host(), !host.isEmpty
    else { throw .badURL(address) }
    guard url.user() == nil, url.password() == nil else { throw .credentialsInURL }
    let isLocal = ["localhost", "127.0.0.1", "::1"].contains(host)
    guard scheme == "https" || isLocal || token == nil else { throw .tokenInClear(address) }
    // A line break would add headers.
    guard token?.utf8.allSatisfy({ (0x21...0x7e).contains($0) }) ?? true else { throw .badToken }
    (self.url, self.token) = (url, token)
  }

  /// Sends `body` once.
  /// - Throws: ``HTTPProblem/unreachable(_:)`` if there is no answer within a minute; `CancellationError`.
  package func send(_ body: String) async throws -> HTTPReply {
    var request = URLRequest(url: url, timeoutInterval: 60)
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    if let token { request.setValue("Bearer \(token)", forHTTPHeaderField: "Authorization") }
    let session = URLSession(configuration: .ephemeral, delegate: NoRedirects(), delegateQueue: nil)
    defer { session.finishTasksAndInvalidate() }
    do {
      let (data, response) = try await session.upload(for: request, from: Data(body.utf8))
      guard let response = response as? HTTPURLResponse else { throw HTTPProblem.unreachable("no answer by HTTP") }
      return HTTPReply(status: response.statusCode, body: String(decoding: data.prefix(4096), as: UTF8.self))
    } catch let error as URLError {
      try Task.checkCancellation()
      throw HTTPProblem.unreachable(error.localizedDescription)
    }
  }
}

private final class NoRedirects: NSObject, URLSessionTaskDelegate {
  func urlSession(
    _ session: URLSession, task: URLSessionTask, willPerformHTTPRedirection response: HTTPURLResponse,
    newRequest request: URLRequest, completionHandler: @escaping @Sendable (URLRequest?) -> Void
  ) { completionHandler(nil) }
}

/// The reasons why nothing could be sent.
package enum HTTPProblem: Error, Sendable, Equatable, CustomStringConvertible {
  case badURL(String)
  case credentialsInURL
  case tokenInClear(String)
  case badToken
  case unreachable(String)

  /// Whether the caller can do something about it.
  package var isUsage: Bool { if case .unreachable = self { false } else { true } }

  package var description: String {
    switch self {
    case .badURL(let address): "'\(address)' is not a URL; give one such as https://db.example.org/submit"
    case .credentialsInURL: "the URL has a user or a password; remove them, and give a token by the environment"
    case .tokenInClear(let address): "the token would be sent to \(address) unencrypted; use https"
    case .badToken: "the token has a character that no HTTP header may have, such as a space or a line break"
    case .unreachable(let reason): "no answer: \(reason)"
    }
  }
}
