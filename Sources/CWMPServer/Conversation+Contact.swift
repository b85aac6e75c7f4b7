import CWMP
import Fleet
import FleetStore
import Logging
import NIOCore

/// The beginning of a session, and what the device tells by itself.
extension Conversation {
  func commit(_ inform: Inform) {
    let contact = Contact(
      inform, session: token, address: peer, now: door.environment.now())
    name = contact.identity.name
    guard inform.deviceID.isUsable else {
      name = ""
      door.logger.notice(
        "a device without a serial number, or with an identity too long to be kept, was refused",
        metadata: ["peer": "\(peer)"])
      perform(session.contactRefused(Fault(.acsInvalidArguments)))
      return
    }
    guard isAllowed(name) else {
      door.logger.warning(
        "a device claimed an identity that its credential does not cover",
        metadata: [
          "device": "\(name)", "credential of": "\(principal ?? "any device")", "peer": "\(peer)",
        ])
      perform(session.contactRefused(Fault(.acsRequestDenied)))
      return
    }
    let loop = loop
    door.environment.store.admit(contact, mayCreate: door.settings.enrolment != .known) { result in
      loop.execute { [self] in admitted(contact, result) }
    }
  }

  func isAllowed(_ name: String) -> Bool {
    switch door.settings.enrolment {
    case .open: true
    case .shared: isAuthenticated && (principal == nil || principal == name)
    case .known: isAuthenticated && principal == name
    }
  }

  func admitted(_ contact: Contact, _ result: Result<AdmittedContact, StoreError>) {
    guard !session.isOver else { return }
    switch result {
    case .success(let admitted):
      device = admitted
      isReadDue = admitted.isReadDue
      let isHeartbeat = contact.reasons.contains(.heartbeat)
      isCredentialDue =
        !isHeartbeat && admitted.credentialState == .due && door.settings.provisionsCredential
      door.table.claim(admitted.deviceID, for: self)?.supersede()
      if admitted.hasOpenWork || contact.reasons.contains(.connectionRequest) {
        door.environment.contacted(admitted.deviceID)
      }
      guard admitted.hasOpenWork else {
        perform(session.contactCommitted())
        return
      }
      attempt("what a contact shows about tasks can't be stored") { door in
        try await door.environment.store.observe(
          contact, of: admitted.deviceID, softwareVersion: admitted.softwareVersion)
      } then: { conversation, _ in
        conversation.perform(conversation.session.contactCommitted())
      }
    case .failure(let error) where error.code == .unknownDevice:
      door.logger.notice(
        "an unknown device was refused", metadata: ["device": "\(name)", "peer": "\(peer)"])
      perform(session.contactRefused(Fault(.acsRequestDenied)))
    case .failure(let error):
      giveUp(error)
    }
  }

  /// Commits what the device tells besides its Inform, then acknowledges it.
  func commit(_ notice: Request) {
    guard let device, let response = Response(acknowledging: notice) else {
      perform(session.noticeRefused(Fault(.acsMethodNotSupported)))
      return
    }
    let token = token
    attempt("what a device told can't be stored") { door in
      let now = door.environment.now()
      if case .transferComplete(let complete) = notice {
        try await door.environment.store.observe(
          TransferReport(
            commandKey: complete.commandKey, fault: complete.fault.map { OperationFault($0) }),
          of: device.deviceID, session: token, softwareVersion: device.softwareVersion, now: now,
          random: door.environment.random())
      }
      try await door.environment.store.commit(
        SessionWrite(
          deviceID: device.deviceID, session: token, events: [DeviceEvent(notice)], at: now))
    } then: { conversation, _ in
      conversation.perform(conversation.session.noticeCommitted(response))
    }
  }
}

extension Response {
  /// The response that says no more than that the request has arrived; nil for requests that no CPE may send.
  fileprivate init?(acknowledging request: Request) {
    switch request {
    case .transferComplete: self = .transferComplete
    case .autonomousTransferComplete: self = .autonomousTransferComplete
    case .duStateChangeComplete: self = .duStateChangeComplete
    case .autonomousDUStateChangeComplete: self = .autonomousDUStateChangeComplete
    case .requestDownload: self = .requestDownload
    case .kicked(let kicked): self = .kicked(nextURL: kicked.next)
    default: return nil
    }
  }
}

extension DeviceEvent {
  fileprivate init(_ notice: Request) {
    switch notice {
    case .transferComplete(let complete):
      var detail = ["commandKey": complete.commandKey, "completeTime": complete.completeTime]
      if let fault = complete.fault {
        detail["code"] = "cwmp.\(fault.code)"
        detail["text"] = fault.text
      }
      self.init("transferComplete", detail)
    case .autonomousTransferComplete: self.init("autonomousTransferComplete")
    case .duStateChangeComplete: self.init("duStateChangeComplete")
    case .autonomousDUStateChangeComplete: self.init("autonomousDUStateChangeComplete")
    case .requestDownload: self.init("requestDownload")
    case .kicked: self.init("kicked")
    default: self.init("notice")
    }
  }
}
