import CWMP

/// The hooks that change an Inform.
extension Quirk {
  func alter(_ inform: inout Inform, of cpe: SimulatedCPE, _ now: Duration) {
    alterEvents(&inform, cpe)
    alterTime(&inform)
    alterIdentity(&inform, cpe)
    alterParameters(&inform, cpe, now)
  }

  private func alterEvents(_ inform: inout Inform, _ cpe: SimulatedCPE) {
    switch self {
    case .noEvents where cpe.quirkMemory.hadFirstContact: inform.events = []
    case .firstContactPeriodic where !cpe.quirkMemory.hadFirstContact:
      inform.events = [Event(Event.periodic)]
    case .firstContactBoot where !cpe.quirkMemory.hadFirstContact:
      inform.events = [Event(Event.boot)]
    case .oddEventOrder: inform.events.reverse()
    case .vendorEvent: inform.events.append(Event("X CT-COM BIND"))
    case .bootstrapCommandKey:
      for index in inform.events.indices where inform.events[index].code == Event.bootstrap {
        inform.events[index].commandKey = "bootstrap"
      }
    case .noMethodDownload: inform.events.removeAll { $0.code == Event.methodDownload }
    case .noMethodReboot: inform.events.removeAll { $0.code == Event.methodReboot }
    case .emptyCommandKey:
      for index in inform.events.indices { inform.events[index].commandKey = "" }
    case .transferCompleteWithoutEvent:
      let codes = [
        Event.transferComplete, Event.methodDownload, Event.methodUpload,
        Event.methodScheduleDownload,
      ]
      inform.events.removeAll { codes.contains($0.code) }
      if inform.events.isEmpty { inform.events = [Event(Event.periodic)] }
    case .hugeRetryCount:
      inform.retryCount = UInt32(clamping: cpe.quirks.number(.hugeRetryCount) ?? 0)
    default: break
    }
  }

  private func alterTime(_ inform: inout Inform) {
    let time = inform.currentTime
    switch self {
    case .timeWithoutZone: inform.currentTime = String(time.prefix(19))
    case .timeWithOffset:
      let seconds = (CWMPTime.parse(time) ?? 0) + 3600
      inform.currentTime = String(CWMPTime.format(seconds).prefix(19)) + "+01:00"
    case .timeOffsetWithoutColon: inform.currentTime = String(time.prefix(19)) + "+0000"
    case .timeMicroseconds: inform.currentTime = String(time.prefix(19)) + ".123456"
    case .timeGarbage:
      inform.currentTime = String(time.prefix(16)) + "::" + time.dropFirst(17).prefix(2)
    default: break
    }
  }

  private func alterIdentity(_ inform: inout Inform, _ cpe: SimulatedCPE) {
    switch self {
    case .emptyOUI: inform.deviceID.oui = ""
    case .lowerCaseOUI: inform.deviceID.oui = inform.deviceID.oui.lowercased()
    case .ouiFlips where cpe.bootCount % 2 == 0:
      inform.deviceID.oui = cpe.bootCount % 4 == 0 ? "FFFFFF" : "000000"
    case .oddProductClass: inform.deviceID.productClass = "FooGate 2008, plc. Größe/M! \"x\""
    case .latin1, .latin1Unlabelled: inform.deviceID.manufacturer = "Société Générale de Boîtes"
    case .gb2312: inform.deviceID.manufacturer = GB2312.manufacturer
    case .contentLengthCharacters: inform.deviceID.manufacturer = "Größe"
    case .emptyManufacturer: inform.deviceID.manufacturer = ""
    case .longSerialNumber:
      let serialNumber = inform.deviceID.serialNumber
      inform.deviceID.serialNumber +=
        String(repeating: "0", count: max(0, 200 - serialNumber.count))
    case .sharedSerialNumber: inform.deviceID.serialNumber = "000000000000"
    default: break
    }
  }

  private func alterParameters(_ inform: inout Inform, _ cpe: SimulatedCPE, _ now: Duration) {
    let urlName = cpe.tree.model.path("ManagementServer.ConnectionRequestURL")
    func changeURL(_ change: (String) -> String) {
      for index in inform.parameters.indices where inform.parameters[index].name == urlName {
        inform.parameters[index].value = change(inform.parameters[index].value)
      }
    }
    switch self {
    case .parameterTwice:
      guard let parameter = inform.parameters.last else { return }
      inform.parameters.insert(parameter, at: 0)
    case .noConnectionRequestPath:
      changeURL { url in
        HTTPTarget(url).map { "http://\($0.hostHeader)" } ?? url
      }
    case .emptyConnectionRequestURL: changeURL { _ in "" }
    case .passwordInInform:
      let name = cpe.tree.model.path("ManagementServer.ConnectionRequestPassword")
      if let value = cpe.tree.storedValue(name, at: cpe.readingTime(now)) {
        inform.parameters.append(ParameterValue(name: name, value: value))
      }
    default: break
    }
  }
}
