import HTTPAuthentication

private let verifier = Verifier(username: "cpe", realm: "acs", password: "secret")

/// The header values that a device or a server may send for authentication.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data else { return 0 }
  let header = String(decoding: UnsafeBufferPointer(start: data, count: count), as: UTF8.self)

  switch Authorization.parse(header) {
  case .digest(let credentials):
    precondition(
      !verifier.verifies(credentials, method: "POST", requestURI: "/")
        || credentials.username == "cpe")
  case .basic(let username, let password):
    let isRight = verifier.verifies(username: username, password: password)
    precondition(isRight == (username == "cpe" && password == "secret"))
    precondition(
      Authorization.parse(Authorization.basicHeader(username: username, password: password))
        == .basic(username: username, password: password) || header.utf8.count > 2_000)
  case .unsupported, nil:
    break
  }

  let challenges = DigestClient.challenges(in: header)
  precondition(challenges.count <= header.utf8.count)
  guard let challenge = challenges.first else { return 0 }
  // What is answered to a challenge can be read by those who made it, whatever was in it.
  var client = DigestClient(username: "cpe", password: "secret") {
    [UInt8](repeating: 7, count: $0)
  }
  precondition(client.receive([header]))
  guard let answer = client.authorization(method: "POST", uri: "/") else {
    preconditionFailure("a challenge without an answer")
  }
  precondition(answer.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }, "a header could be injected")
  guard answer.utf8.count <= Authorization.maximumLength else { return 0 }
  guard case .digest(let credentials) = Authorization.parse(answer) else {
    preconditionFailure("an answer that cannot be read")
  }
  let isPlain = { (text: String) in text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }
  if isPlain(challenge.nonce) { precondition(credentials.nonce == challenge.nonce) }
  if isPlain(challenge.realm), isPlain(challenge.nonce) {
    let expected = Verifier(username: "cpe", realm: challenge.realm, password: "secret")
    precondition(expected.verifies(credentials, method: "POST", requestURI: "/"))
  }
  return 0
}
