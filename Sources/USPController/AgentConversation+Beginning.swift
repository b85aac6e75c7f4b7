import Fleet
import FleetStore
import Logging
import NIOCore
import Refusals
import USP
import USPTransports

/// How an agent is got to know after its first Record (the sequence that works with all agents).
extension AgentConversation {
  /// Parameters by which a device is recognised.
  private static let identityPaths = ["Device.DeviceInfo.", "Device.LocalAgent.EndpointID"]

  /// Finds out which device the agent is in, and then begins to work with it.
  func getToKnow() async {
    if link.proof == .nothing, !isDialled, controller.settings.enrolment != .open {
      refuse("it proved nothing, and usp.enrolment asks for a credential or a certificate")
      return
    }
    guard await controller.onboarding.enter(ticket) else { return }
    let deadline = link.eventLoop.scheduleTask(
      in: .milliseconds(Int64(controller.settings.requestTimeout * 1_000))
    ) { self.assumeIsolated { $0.close(.timedOut) } }
    let isKnown = isClosed ? false : await recognise()
    deadline.cancel()
    controller.onboarding.leave()
    guard isKnown, !isClosed else { return }
    isRecognised = true
    // What the agent has told meanwhile comes before what is asked of it: a task may have ended.
    startStoring()
    Task {
      await settle()
      await lookForRestart()
      startWorking()
      await lookForEnds()
    }
  }

  /// Learns which device the agent is in, and commits its contact.
  private func recognise() async -> Bool {
    guard await learnVersions() else {
      if !isClosed { close(.timedOut) }
      return false
    }
    guard let endpoint, !isClosed else { return false }
    let values: [String: String]
    let operation = AgentOperation(.get(paths: []), context: context(), ask: asking)
    switch await operation.read(Self.identityPaths, depth: 1) {
    case .success(let found): values = found
    case .failure(let refusal):
      if !isClosed { refuse("it does not tell which device it is in: \(refusal.outcome)") }
      return false
    }
    guard let identity = DeviceIdentity(deviceInfo: values, endpoint: endpoint) else {
      refuse("it tells no OUI and no serial number, and its endpoint ID has none")
      return false
    }
    self.identity = identity
    let caller = await controller.caller(of: link, as: endpoint, isDialled: isDialled)
    let standing: AgentStanding
    do {
      standing = try await controller.environment.store.standing(
        of: endpoint.text, inDeviceNamed: identity.name)
    } catch {
      if !isClosed { giveUp(error) }
      return false
    }
    guard !isClosed else { return false }
    proof = caller.proof(standing)
    guard caller.mayBe(identity, standing, enrolment: controller.settings.enrolment) else {
      refuseClaim(
        to: identity.name, by: caller, "what it proved does not cover the device \(identity.name)")
      return false
    }
    if let holder = standing.holder, holder.deviceName != identity.name,
      holder.isCertified || holder.isProven, caller.endpoint == nil
    {
      refuseClaim(
        to: holder.deviceName, by: caller,
        "its endpoint ID is that of the device \(holder.deviceName), which has proved who it is; delete that where it was replaced"
      )
      return false
    }
    guard
      !controller.table.isHeld(
        endpoint, standing.device, named: identity.name, against: self, proof: proof,
        isCertified: caller.endpoint != nil)
    else {
      refuseClaim(
        to: standing.holder?.deviceName ?? identity.name, by: caller,
        "another link has the endpoint ID or the device, and this one has not proved more")
      return false
    }
    return await admit(values: values, caller)
  }

  /// Turns the agent away, and lets the history of the device that it claimed to be say so.
  private func refuseClaim(to name: String, by caller: AgentCaller, _ why: String) {
    refuse(why)
    guard controller.claims.take(name) else { return }
    let event = DeviceEvent(
      "identityClaimed",
      [
        "address": link.peerAddress, "by": caller.deviceName ?? endpoint?.text ?? "",
        "proof": caller.proof.text,
      ])
    let controller = controller
    Task {
      do {
        try await controller.environment.store.note(
          event, ofDeviceNamed: name, at: controller.environment.now())
      } catch {
        controller.logger.error(
          "that an identity was claimed can't be stored",
          metadata: ["device": "\(name)", "error": "\(error)"])
      }
    }
  }

  private func learnVersions() async -> Bool {
    var protocols = USPGetSupportedProtocol()
    protocols.controllerSupportedProtocolVersions = ControllerCore.versions
    for attempt in 1...Self.versionAttempts where !isClosed {
      switch await ask(.getSupportedProtocol(protocols)) {
      case .response(.getSupportedProtocolResp(let response)):
        versions = response.agentSupportedProtocolVersions.versionList
        return true
      case .broken:
        // An agent that wants a session context turns the first question away, and begins one.
        guard !isClosed, attempt < Self.versionAttempts else { return false }
        try? await Task.sleep(for: .seconds(1))
      default:
        versions = versions ?? ["1.0"]
        return true
      }
    }
    return false
  }

  private static let versionAttempts = 3

  private func admit(values: [String: String], _ caller: AgentCaller) async -> Bool {
    guard let identity, let endpoint else { return false }
    let now = controller.environment.now()
    let contact = Contact(
      identity: identity, protocolName: "usp", root: "Device.", reasons: .other,
      reasonTexts: ["Connect"], values: values.reportedValues, session: token,
      address: link.peerAddress, at: now)
    let store = controller.environment.store
    do {
      let admitted = try await store.admit(
        contact, mayCreate: controller.settings.enrolment != .known, proof: proof)
      guard
        try await store.noteEndpoint(
          endpoint.text, of: admitted.deviceID, isCertified: caller.endpoint != nil)
      else {
        refuse("its endpoint ID is that of another device, which has proved who it is")
        return false
      }
      if let broker = link as? BrokerLink {
        try await store.noteAddress(
          broker.address.description, of: endpoint.text, over: link.kind.rawValue,
          of: admitted.deviceID)
      }
      bootedAt = values["Device.DeviceInfo.UpTime"].flatMap(Double.init).map { now - $0 }
      if admitted.hasOpenWork {
        try await store.observe(
          contact, of: admitted.deviceID, softwareVersion: admitted.softwareVersion)
      }
      guard !isClosed else { return false }
      // Another device may have come over the same link before.
      if device?.deviceID != admitted.deviceID { noteLeave() }
      device = admitted
      isReadDue = admitted.isReadDue
      hasWork = admitted.hasOpenWork
      let older = controller.table.claim(
        endpoint, admitted.deviceID, named: identity.name, for: self, proof: proof,
        isCertified: caller.endpoint != nil)
      noteStay()
      for other in older { await other.close(.refused("the agent has another link")) }
      controller.environment.contacted(admitted.deviceID)
      controller.counter.add(to: \.contacts)
      return true
    } catch let error as StoreError where error.code == .unknownDevice {
      refuse("the device is not known")
    } catch let error as StoreError where error.code == .unproven {
      refuseClaim(
        to: identity.name, by: caller,
        "the device has a credential of its own, and the agent did not show it")
    } catch {
      giveUp(error)
    }
    return false
  }

  /// Where tasks wait for a restart and no Boot! has come, the time since which the device runs tells: the event may have been
  /// lost, and after a return to factory settings nobody has subscribed to it.
  private func lookForRestart() async {
    guard let bootedAt, !hasSeenBoot, let device, device.hasOpenWork, !isClosed else { return }
    do {
      let tasks = try await controller.environment.store.openTasks(of: device.deviceID)
      guard
        tasks.contains(where: {
          $0.state == .waiting && $0.dueAt - Self.bootTolerance < bootedAt
        }), !hasSeenBoot
      else { return }
      try await contact(
        [.boot], words: ["UpTime"], keys: [], values: [:], now: controller.environment.now())
    } catch {
      controller.logger.error(
        "whether a device has restarted can't be found out",
        metadata: ["agent": "\(agentName)", "error": "\(error)"])
    }
  }

  /// Seconds by which a time of running, told in whole seconds, may be off.
  private static let bootTolerance = 1.0

  /// Puts this controller's own rows on the agent in order, once it is known.
  private func settle() async {
    guard let device else { return }
    await findControllerRow()
    await learnSupportedModel(mayAsk: device.isNew || isReadDue || supported.isEmpty)
    await subscribe()
  }

  private func findControllerRow() async {
    let search =
      "Device.LocalAgent.Controller.[EndpointID==\"\(controller.settings.endpoint.text.searched)\"]."
    let operation = AgentOperation(.get(paths: []), context: context(), ask: asking)
    guard case .success(let values) = await operation.read([search], depth: 1),
      let path = values.keys.compactMap({ $0.splitAtLastDot?.object })
        .min(by: { $0.utf8.count < $1.utf8.count }), path.utf8.count <= Contact.maxPathLength
    else { return }
    controllerPath = path
    var wanted: [Assignment] = []
    let interval = controller.settings.periodicInterval
    if interval > 0, let told = values[path + "PeriodicNotifInterval"], told != "\(interval)" {
      wanted.append(Assignment(path: path + "PeriodicNotifInterval", value: "\(interval)"))
    }
    if let done = values[path + "OnBoardingComplete"], !["true", "1"].contains(done) {
      wanted.append(Assignment(path: path + "OnBoardingComplete", value: "true"))
    }
    guard !wanted.isEmpty else { return }
    let setting = AgentOperation(.set(wanted), context: context(), ask: asking)
    if case .failed(let fault) = await setting.run() {
      controller.logger.info(
        "an agent does not let its Controller row be set",
        metadata: ["agent": "\(agentName)", "code": "\(fault.code)", "text": "\(fault.text)"])
    }
  }

  /// Makes sure that the agent tells what this controller wants to be told of.
  func subscribe() async {
    guard !isClosed else { return }
    let operation = AgentOperation(.get(paths: []), context: context(), ask: asking)
    guard case .success(let rows) = await operation.subscriptionRows() else { return }
    let wanted = AgentSubscription.wanted(
      controllerPath: controllerPath, supported: supported,
      values: controller.settings.reportedFacts.map { "Device." + $0 })
    let changes = AgentSubscription.changes(
      from: rows, to: wanted, controllerPath: controllerPath, isModelKnown: !supported.isEmpty)
    if !changes.delete.isEmpty {
      var delete = USPDelete()
      delete.allowPartial = true
      delete.objPaths = changes.delete
      _ = await ask(.delete(delete))
    }
    guard !changes.add.isEmpty else { return }
    switch await ask(.add(USPAdd(changes.add))) {
    case .response(.addResp(let response)):
      for (subscription, result) in zip(changes.add, response.createdObjResults) {
        guard case .operFailure(let failure) = result.operStatus.operStatus else { continue }
        controller.logger.info(
          "an agent does not take a subscription",
          metadata: [
            "agent": "\(agentName)", "subscription": "\(subscription.id)",
            "code": "\(failure.errCode)", "text": "\(failure.errMsg)",
          ])
      }
    case .error(let error):
      controller.logger.info(
        "an agent takes no subscriptions",
        metadata: [
          "agent": "\(agentName)", "code": "\(error.errCode)", "text": "\(error.errMsg)",
        ])
    default: break
    }
  }

  // MARK: - The supported model

  /// Learns what the firmware supports: from what other agents have said, or from this one.
  func learnSupportedModel(mayAsk: Bool) async {
    guard let device, let identity,
      let key = SupportedModelKey(
        oui: identity.oui, productClass: identity.productClass,
        softwareVersion: device.softwareVersion ?? "", protocolName: "usp")
    else {
      if mayAsk, case .success(let found) = await readSupportedModel() { supported = found }
      return
    }
    // What was installed on one device is not on the others.
    if hasOwnModel {
      if case .success(let found) = await readSupportedModel() { supported = found }
      return
    }
    if case .known(let found) = await controller.firmwares.objects(of: key.name) {
      supported = found
      return
    }
    guard !isClosed, case .success(let found) = await readSupportedModel(), !found.isEmpty else {
      controller.firmwares.settle(key.name, nil)
      return
    }
    supported = found
    // What one agent told in part is not for the others.
    controller.firmwares.settle(key.name, found.isCut ? nil : found)
    do {
      try await controller.environment.store.keepSupportedModel(
        found.model(announced: []), of: key, manufacturer: identity.manufacturer, root: "Device.",
        from: device.deviceID, limits: controller.environment.supportedModels,
        now: controller.environment.now())
    } catch {
      controller.logger.error(
        "what a firmware supports can't be kept",
        metadata: ["agent": "\(agentName)", "error": "\(error)"])
    }
  }

  /// Others of the firmware wait for it no longer than two answers may take.
  private func readSupportedModel() async -> Result<SupportedObjects, AgentRefusal> {
    let environment = controller.environment
    let end = environment.now() + 2 * controller.settings.requestTimeout
    return await SupportedObjects.read(
      below: "Device.", isInTime: { environment.now() < end }, asking)
  }

  // MARK: - Asking

  /// For operations that ask.
  var asking: AskAgent {
    { [self] request in await ask(request) }
  }

  func context() -> AgentOperation.Context {
    AgentOperation.Context(
      controllerPath: controllerPath, supported: supported, knowsDepth: knows("1.2"),
      limits: controller.settings.reading)
  }

  /// Whether the agent speaks a version of USP 1 or a later one.
  func knows(_ version: String) -> Bool {
    func number(_ text: String) -> (Int, Int) {
      let parts = text.split(separator: ".").map { Int($0) ?? 0 }
      return (parts.first ?? 0, parts.count > 1 ? parts[1] : 0)
    }
    let wanted = number(version)
    return (versions ?? []).contains { number($0) >= wanted }
  }

  func giveUp(_ error: any Error) {
    note("an agent can't be served", error)
    close(.goingAway)
  }
}

extension String {
  /// As a text within a search expression.
  var searched: String { replacing("%", with: "%25").replacing("\"", with: "%22") }
}

extension [String: String] {
  /// As a contact brings them.
  var reportedValues: [ReportedValue] {
    sorted { $0.key < $1.key }.prefix(1_000).compactMap { path, value in
      path.utf8.count <= Contact.maxPathLength
        ? ReportedValue(path: path, value: value, type: .string) : nil
    }
  }
}

extension DeviceIdentity {
  /// Bytes of each part.
  private static let maxPartLength = 256

  /// Who a device is by what it tells, or else by its endpoint ID, where that has an OUI and a serial number (schemes `os` and `ops`).
  init?(deviceInfo values: [String: String], endpoint: EndpointID) {
    func value(_ name: String) -> String { values["Device.DeviceInfo." + name] ?? "" }
    var (oui, productClass, serialNumber) = (
      value("ManufacturerOUI"), value("ProductClass"), value("SerialNumber")
    )
    if oui.isEmpty || serialNumber.isEmpty {
      let parts = endpoint.instance.split(separator: "-", omittingEmptySubsequences: false)
      switch (endpoint.scheme, parts.count) {
      case (.os, 2...):
        oui = String(parts[0])
        serialNumber = parts.dropFirst().joined(separator: "-")
      case (.ops, 3):
        (oui, productClass, serialNumber) = (String(parts[0]), String(parts[1]), String(parts[2]))
      default: return nil
      }
    }
    guard !oui.isEmpty, !serialNumber.isEmpty,
      [oui, productClass, serialNumber, value("Manufacturer")].allSatisfy({
        $0.utf8.count <= Self.maxPartLength && !$0.utf8.contains(0)
      })
    else { return nil }
    self.init(
      manufacturer: value("Manufacturer"), oui: oui, productClass: productClass,
      serialNumber: serialNumber)
  }
}
