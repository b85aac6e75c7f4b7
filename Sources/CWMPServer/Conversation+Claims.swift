import CWMP
import FleetStore
import Logging
import NIOHTTP1
import Refusals

/// What happens to a device that says it is one, and has not proved it.
extension Conversation {
  /// Turns the device away, and lets the history of the one that it claimed to be say so.
  func refuseClaim() {
    door.counter.add(to: \.identityClaims)
    door.refusals.note(
      "a device claimed an identity that what it proved does not cover", peer: peer,
      level: .warning,
      [
        "device": "\(name)", "proved by": "\(caller.proof.text)",
        "proved to be": "\(caller.deviceName ?? "any device")",
      ])
    if door.claims.take(name) {
      let door = door
      let name = name
      let event = DeviceEvent(
        "identityClaimed",
        ["address": peer, "by": caller.deviceName ?? "", "proof": caller.proof.text])
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

  /// An answer to a challenge lets a device in once; whoever knows the password can answer another.
  func challengeAnew() {
    door.counter.add(to: \.replays)
    door.refusals.note(
      "an answer to a challenge came a second time and was challenged anew", peer: peer,
      ["device": "\(name)"])
    _ = session.timedOut()
    end()
    let challenges = door.authenticator.challenges(
      isEncrypted: caller.isEncrypted, now: door.environment.now(), stale: true)
    answer(
      DoorReply(status: .unauthorized, headers: challenges.map { ("WWW-Authenticate", $0) }))
  }
}
