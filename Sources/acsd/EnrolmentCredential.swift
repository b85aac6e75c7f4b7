import Cryptography
import FleetStore
import HTTPAuthentication

/// The shared credential by which devices that are not known yet are let in.
struct EnrolmentCredential {
  var username: String
  /// Nil where another node has made the credential: only its verifiers are in the database.
  var password: String?

  private static let username = "enrol"

  /// The file in the data directory: a line with the username, a line with the password.
  static let fileName = "enrolment"

  /// Reads the credential from the data directory, or makes one, and sees to it that the database has its verifiers.
  static func prepare(in directory: DataDirectory, realm: String, store: FleetStore) async throws
    -> EnrolmentCredential
  {
    if let lines = directory.contents(of: fileName)?.split(separator: "\n"), lines.count >= 2 {
      let (username, password) = (String(lines[0]), String(lines[1]))
      let stored = try await store.credential(username: username)
      let wanted = Verifier(username: username, realm: realm, password: password)
      if stored?.realm != realm || stored?.ha1SHA256 != wanted.ha1SHA256 {
        try await save(username, password, realm: realm, store: store)
      }
      return EnrolmentCredential(username: username, password: password)
    }
    if try await store.credential(username: username)?.realm == realm {
      return EnrolmentCredential(username: username, password: nil)
    }
    let password = SecureRandom.token(bytes: 15)
    try directory.write("\(username)\n\(password)\n", to: fileName)
    try await save(username, password, realm: realm, store: store)
    return EnrolmentCredential(username: username, password: password)
  }

  private static func save(
    _ username: String, _ password: String, realm: String, store: FleetStore
  ) async throws {
    _ = try await store.setCredential(
      NewCredentialRecord(
        username: username, password: password, realm: realm, deviceName: nil), by: "acsd")
  }
}
