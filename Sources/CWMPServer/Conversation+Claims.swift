import CWMP
import FleetStore
import Logging

/// What happens to a device that says it is one, and has not proved it.
extension Conversation {
  /// Turns the device away, and lets the history of the one that it claimed to be say so.
  func refuseClaim() {
    door.counter.add(to: \.identityClaims)
    door.refusals.note(
      "a device claimed an identity that what it proved does not cover", peer: peer,
      level: .warning,
      [
        "device": "\(name)", "proved by": "\(proofText)",
        "proved to be": "\(caller.deviceName ?? "any device")",
      ])
    if door.claims.take(name) {
      let door = door
      let name = name
      let event = DeviceEvent(
        "identityClaimed",
        ["address": peer, "by": caller.deviceName ?? "", "proof": proofText])
      Task {
        do {
          try await door.environment.store.note(
            event, ofDeviceNamed: name, at: door.environment.now())
        } catch {
          door.logger.error(
            "that an identity was claimed can't be stored",
            metadata: ["device": "\(name)", "error": "\(error)"])
        }
      }
    }
    perform(session.contactRefused(Fault(.acsRequestDenied)))
  }

  private var proofText: String {
    switch caller.proof {
    case .nothing: "nothing"
    case .shared: "shared credential"
    case .own: "credential"
    case .certificate: "certificate"
    }
  }
}
