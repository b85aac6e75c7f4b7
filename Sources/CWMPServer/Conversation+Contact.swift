import CWMP
import Fleet
import FleetStore
import Logging
import NIOCore
import Refusals

/// The beginning of a session.
extension Conversation {
  func commit(_ inform: Inform) {
    let contact = Contact(
      inform, session: token, address: peer, now: door.environment.now())
    name = contact.identity.name
    guard inform.deviceID.isUsable else {
      name = ""
      door.refusals.note(
        "a device without a serial number, or with an identity too long to be kept, was refused",
        peer: peer)
      perform(session.contactRefused(Fault(.acsInvalidArguments)))
      return
    }
    guard caller.mayBe(name, enrolment: door.settings.enrolment) else {
      refuseClaim()
      return
    }
    let loop = loop
    door.environment.store.admit(
      contact, mayCreate: door.settings.enrolment != .known, proof: caller.proof,
      answer: caller.answer
    ) { result in
      loop.execute { [self] in admitted(contact, result) }
    }
  }

  func admitted(_ contact: Contact, _ result: Result<AdmittedContact, StoreError>) {
    guard !session.isOver else { return }
    switch result {
    case .success(let admitted):
      device = admitted
      takeSwitches(for: contact, admitted)
      isReadDue = admitted.isReadDue
      let isHeartbeat = contact.reasons.contains(.heartbeat)
      isCredentialDue =
        !isHeartbeat && admitted.credentialState.isDue && door.settings.provisionsCredential
      isOwnCredentialDue =
        admitted.isOwnCredentialDue && door.settings.deviceCredentials == .generated
      guard let older = door.table.claim(admitted.deviceID, for: self) else {
        begin(contact, admitted)
        return
      }
      older.supersede(by: self) { [self] in begin(contact, admitted) }
    case .failure(let error) where error.code == .unknownDevice:
      door.refusals.note("an unknown device was refused", peer: peer, ["device": "\(name)"])
      perform(session.contactRefused(Fault(.acsRequestDenied)))
    case .failure(let error) where error.code == .unproven:
      refuseClaim()
    case .failure(let error) where error.code == .replayed:
      challengeAnew()
    case .failure(let error):
      giveUp(error)
    }
  }

  /// Goes on with a session whose device is admitted, and has no older one any more.
  private func begin(_ contact: Contact, _ admitted: AdmittedContact) {
    guard !session.isOver else { return }
    door.environment.contacted(admitted.deviceID)
    if door.frequency.reachesLimit(admitted.deviceID) {
      door.refusals.note(
        "a device calls again and again", peer: peer,
        ["device": "\(name)", "calls in a minute": "\(door.settings.frequentCalls) or more"])
    }
    if !contact.reasons.contains(.heartbeat) { doubts = admitted.unfamiliar }
    let hasForgotten = contact.reasons.contains(.bootstrap) && !admitted.isNew
    guard admitted.hasOpenWork || hasForgotten else {
      perform(session.contactCommitted())
      return
    }
    attempt("what a contact shows about tasks can't be stored") { door in
      let store = door.environment.store
      if admitted.hasOpenWork {
        try await store.observe(
          contact, of: admitted.deviceID, softwareVersion: admitted.softwareVersion)
      }
      guard hasForgotten else { return false }
      return try await store.restoreDesiredAttributes(
        of: admitted.deviceID, session: contact.session, now: contact.at)
    } then: { conversation, hasMore in
      if hasMore { conversation.device?.hasOpenWork = true }
      conversation.perform(conversation.session.contactCommitted())
    }
  }
}
