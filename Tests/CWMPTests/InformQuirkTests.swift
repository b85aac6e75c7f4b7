import CWMP
import Testing

/// What devices were seen to say of themselves; each test names the quirk, its title who has it.
@Suite struct InformQuirkTests {
  @Test(
    "Empty event lists (easycwmp after a change of its configuration, evcpe on a retry)",
    arguments: ["<Event/>", "<Event e:arrayType=\"c:EventStruct[0]\"></Event>", ""])
  func emptyEventList(event: String) throws {
    #expect(try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(event: event)).events.isEmpty)
  }

  @Test(
    "Events in any number and order (genieacs-sim, softov, AVM 7490, easycwmp, netcwmp)",
    arguments: [
      ["2 PERIODIC"], ["1 BOOT"], ["4 VALUE CHANGE", "1 BOOT", "0 BOOTSTRAP"],
      ["7 TRANSFER COMPLETE", "M Download", "1 BOOT"], ["7 TRANSFER COMPLETE"],
      ["M Reboot", "M Reboot", "1 BOOT"], ["14 HEARTBEAT"],
    ])
  func eventsInAnyOrder(codes: [String]) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(event: QuirkEnvelope.events(codes)))
    #expect(inform.events == codes.map { Event($0) })
  }

  @Test(
    "Events of vendors and events not yet known (China Telecom, honeyclient)",
    arguments: ["X CT-COM BIND", "X BC0304 Alarm", "M X_012345_Foo", "15 SOMETHING NEW"])
  func unknownEventsAreKept(code: String) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(event: QuirkEnvelope.events([code])))
    #expect(inform.events == [Event(code)])
  }

  @Test(
    "Known events in other letters have the standard's spelling (honeyclient)",
    arguments: [
      ("1 Boot", Event.boot), ("0 bootstrap", Event.bootstrap), ("M REBOOT", Event.methodReboot),
      ("x ct-com bind", "x ct-com bind"),
    ])
  func eventsInOtherLetters(code: String, event: String) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(event: QuirkEnvelope.events([code])))
    #expect(inform.events == [Event(event)])
  }

  @Test("A CommandKey with BOOTSTRAP (ZTE), none with M Download (softov)")
  func commandKeysWhereNoneBelongAndNoneWhereOneDoes() throws {
    let event = """
      <Event><EventStruct><EventCode> 0 BOOTSTRAP
      </EventCode><CommandKey>TR069_ZTE_HOMEGATEWAY</CommandKey></EventStruct>\
      <EventStruct><EventCode>M Download</EventCode></EventStruct></Event>
      """
    let inform = try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(event: event))
    #expect(
      inform.events
        == [
          Event(Event.bootstrap, commandKey: "TR069_ZTE_HOMEGATEWAY"),
          Event(Event.methodDownload),
        ])
  }

  @Test(
    "CurrentTime that is no time stays as it is (Cytco), or empty",
    arguments: ["2019-03-05T11:54::14", "", "yesterday", "0000-00-00T00:00:00"])
  func currentTimeThatIsGarbageIsKept(time: String) throws {
    let inform = try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(time: time))
    #expect(inform.currentTime == time)
    #expect(CWMPTime.parse(time) == nil)
  }

  @Test(
    "CurrentTime without zone (netcwmp, ZTE, Pace), with +0000 (evcpe), an offset (ZyXEL, MikroTik), microseconds (honeyclient)",
    arguments: [
      "2026-11-22T21:49:11", "2026-11-22T21:49:11+0000", "2026-11-22T22:49:11+01:00",
      "2026-11-22T21:49:11.000000",
    ])
  func currentTimeOfEveryForm(time: String) throws {
    let inform = try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(time: time))
    #expect(inform.currentTime == time)
    #expect(CWMPTime.parse(inform.currentTime) == 1_795_384_151)
  }

  @Test("Clocks of 1970 (ZTE, Thomson, Zhone, Broadcom) and times since boot")
  func clocksThatWereNeverSet() throws {
    #expect(CWMPTime.parse("1970-01-01T00:01:40") == 100)
    #expect(CWMPTime.parse("0001-01-03T03:04:05") == nil)
    #expect(
      try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(time: "0001-01-03T03:04:05"))
        .currentTime == "0001-01-03T03:04:05")
  }

  @Test("An empty OUI (icwmp without netifd), an empty Manufacturer (femto cell 48BF74)")
  func emptyOUIAndManufacturer() throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(
        deviceID:
          "<Manufacturer/><OUI></OUI><ProductClass/><SerialNumber>S</SerialNumber>"))
    #expect(
      inform.deviceID
        == DeviceID(manufacturer: "", oui: "", productClass: "", serialNumber: "S"))
  }

  @Test("Only a serial number")
  func missingPartsOfTheDeviceID() throws {
    let body = """
      <c:Inform><DeviceId><SerialNumber>S</SerialNumber></DeviceId></c:Inform>
      """
    let inform = try QuirkEnvelope.decodeInform(body)
    #expect(
      inform.deviceID
        == DeviceID(manufacturer: "", oui: "", productClass: "", serialNumber: "S"))
    #expect(inform.parameters.isEmpty && inform.events.isEmpty && inform.retryCount == 0)
  }

  @Test("An OUI in lower case stays as it is (Broadcom, Cytco)", arguments: ["a06518", "00a859"])
  func lowerCaseOUI(oui: String) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(deviceID: "<OUI>\(oui)</OUI><SerialNumber>1</SerialNumber>"))
    #expect(inform.deviceID.identity == "\(oui)-1")
  }

  @Test(
    "Names with spaces, commas and marks (FooGate, Pace, Broadcom, AVM)",
    arguments: [
      ("FooGate 2008", "FooGate%202008"), ("Pace, plc", "Pace%2C%20plc"),
      ("BCM Serials", "BCM%20Serials"), ("FRITZ!Box", "FRITZ%21Box"), ("a.b-c", "a%2Eb%2Dc"),
      (" hAP lite\n", "hAP%20lite"),
    ])
  func productClassesOfAnyText(text: String, identity: String) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(
        deviceID:
          "<OUI>00040E</OUI><ProductClass>\(text)</ProductClass><SerialNumber>1</SerialNumber>"
      ))
    #expect(inform.deviceID.identity == "00040E-\(identity)-1")
  }

  @Test("A very long serial number")
  func longSerialNumber() throws {
    let serial = String(repeating: "0123456789", count: 30)
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(deviceID: "<SerialNumber>\(serial)</SerialNumber>"))
    #expect(inform.deviceID.serialNumber == serial)
  }

  @Test("The same parameter twice (ZTE F600W)")
  func sameParameterTwice() throws {
    let name = "InternetGatewayDevice.ManagementServer.ConnectionRequestURL"
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(
        parameters: QuirkEnvelope.value(name, "http://192.0.2.1:58000")
          + QuirkEnvelope.value(name, "")))
    #expect(
      inform.parameters
        == [
          ParameterValue(name: name, value: "http://192.0.2.1:58000"),
          ParameterValue(name: name, value: ""),
        ])
  }

  @Test("Parameter names with white space around them (TEWA-1000G)")
  func parameterNamesWithSurroundingWhitespace() throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(
        parameters: QuirkEnvelope.value("\n  Device.A.LongEnoughToBeKept \t", " v ")))
    #expect(
      inform.parameters == [ParameterValue(name: "Device.A.LongEnoughToBeKept", value: " v ")])
  }

  @Test(
    "Connection request URLs without a path (netcwmp, ZTE), or empty",
    arguments: ["http://192.0.2.1:17154", "http://192.0.2.1:58000", ""])
  func connectionRequestURLWithoutAPath(url: String) throws {
    let inform = try QuirkEnvelope.decodeInform(
      QuirkEnvelope.inform(
        parameters: QuirkEnvelope.value("Device.ManagementServer.ConnectionRequestURL", url)))
    #expect(inform.parameters.first?.value == url)
  }

  @Test("Passwords in an Inform (netcwmp) are in no error")
  func passwordsInAnInform() throws {
    let text = QuirkEnvelope.text(
      body: QuirkEnvelope.inform(
        parameters: QuirkEnvelope.value("Device.ManagementServer.Password", "hunter2&")))
    let error = try #require(QuirkEnvelope.refusal(Array(text.utf8)))
    #expect(!error.description.contains("hunter2"))
  }

  @Test(
    "A RetryCount of 942 (Cytco), none, and one that is no number",
    arguments: [("942", 942), ("", 0), (" 3 ", 3), ("-1", 0), ("many", 0), ("4294967296", 0)])
  func retryCounts(text: String, count: UInt32) throws {
    #expect(
      try QuirkEnvelope.decodeInform(QuirkEnvelope.inform(retryCount: text)).retryCount == count)
  }

  @Test("No ParameterList, as in the Informs of heartbeats")
  func noParameterList() throws {
    let body = "<c:Inform><DeviceId><SerialNumber>S</SerialNumber></DeviceId></c:Inform>"
    let inform = try QuirkEnvelope.decodeInform(body)
    #expect(inform.parameters.isEmpty)
    #expect(inform.rootDataModel == nil)
  }

  @Test("A SessionTimeout that is no number is none", arguments: ["", "x", "-5", "0", "1e9"])
  func sessionTimeoutThatIsNone(text: String) throws {
    let header = "<s:Header><c:SessionTimeout>\(text)</c:SessionTimeout></s:Header>"
    #expect(
      try QuirkEnvelope.decode(
        QuirkEnvelope.text(body: QuirkEnvelope.inform(), header: header)
      ).sessionTimeout == nil)
  }
}
