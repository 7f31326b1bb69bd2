import Testing

@testable import KTestValues

struct SecretsTests {
  @Test(arguments: [
    ("https://user:token@host/a.git@v81", "https://***@host/a.git@v81"),
    ("--set ndctl=https://ghp_x@host/a and http://h/", "--set ndctl=https://***@host/a and http://h/"),
    ("ssh://git@host/a", "ssh://git@host/a"), ("git+ssh://git:pw@host/a", "git+ssh://git:***@host/a"),
    ("https://a:b@c@host:8080/x@y", "https://***@host:8080/x@y"),
    ("https://h/a?x=1&private_token=abc&y=2", "https://h/a?x=1&private_token=***&y=2"),
    ("https://h/a.git?Api_Key=abc@v81", "https://h/a.git?Api_Key=***@v81"),
    (#"{"a":"https://u:p@h/x","b":"https://h/?sig=1"}"#, #"{"a":"https://***@h/x","b":"https://h/?sig=***"}"#),
    ("nothing: at all @ here", "nothing: at all @ here"), ("://@", "://***@"),
    ("https://h/@v1?page=2", "https://h/@v1?page=2"),
    ("a\u{1F600}https://ü:ß@h", "a\u{1F600}https://***@h"), ("", ""),
  ])
  func areHidden(_ text: String, _ expected: String) {
    #expect(withoutSecrets(text) == expected)
    #expect(withoutSecrets(expected) == expected)
  }
}
