import Cryptography
import Fleet
import FleetStore
import Logging

/// How a device that came with the shared credential is given one of its own.
extension Conversation {
  /// Characters of ManagementServer.Username and Password in both root data models.
  private static let maxUsername = 256

  /// Makes a credential, stores what verifies it, and then sets it on the device.
  ///
  /// The order matters: a device that has taken the new password must be let in with it even if this server is gone by then.
  func giveOwnCredential(to device: AdmittedContact) {
    guard name.unicodeScalars.count <= Self.maxUsername else {
      startNext()
      return
    }
    let password = SecureRandom.token(bytes: 18)
    let credential = NewCredentialRecord(
      username: name, password: password, realm: door.settings.realm, deviceName: name)
    attempt("a credential can't be stored") { door in
      try await door.environment.store.offerCredential(credential)
    } then: { conversation, isStored in
      conversation.setOwnCredential(password, isStored: isStored, on: device)
    }
  }

  private func setOwnCredential(_ password: String, isStored: Bool, on device: AdmittedContact) {
    guard isStored else {
      door.logger.warning(
        "a device gets no credential of its own: another credential has its name",
        metadata: ["device": "\(name)"])
      startNext()
      return
    }
    door.authenticator.forget(name)
    start(
      .set([
        Assignment(
          path: device.root + "ManagementServer.Username", value: name, type: .string),
        Assignment(
          path: device.root + "ManagementServer.Password", value: password,
          type: .string),
      ]), for: .ownCredential, on: device)
  }

  /// What came of it; the old credential stays good until the device has shown the new one.
  func record(_ outcome: Outcome, ofOwnCredentialIn write: inout SessionWrite) {
    switch outcome {
    case .done, .accepted:
      write.ownCredential = .offered
      write.events = [DeviceEvent("ownCredentialSet")]
    case .failed(let fault):
      write.ownCredential = .refused
      write.events = [
        DeviceEvent("ownCredentialRefused", ["code": fault.code, "text": fault.text])
      ]
    case .interrupted:
      // It may have been taken. A device that breaks off at this each time is spared until the pause is over.
      write.ownCredential = .offered
    }
  }
}
