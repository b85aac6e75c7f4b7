import Testing
import USP

@testable import USPController

/// What a trace shows of messages.
@Suite struct USPMessageTraceTests {
  @Test func credentialsAreBlanked() {
    var get = USPGetResp()
    var result = USPGetResp.RequestedPathResult()
    var resolved = USPGetResp.ResolvedPathResult()
    resolved.resolvedPath = "Device.WiFi.AccessPoint.1.Security."
    resolved.resultParams = ["KeyPassphrase": "secret-1", "ModeEnabled": "WPA2"]
    result.resolvedPathResults = [resolved]
    get.reqPathResults = [result]
    var setting = USPSet.UpdateParamSetting()
    setting.param = "Password"
    setting.value = "secret-2"
    var object = USPSet.UpdateObject()
    object.paramSettings = [setting]
    var set = USPSet()
    set.updateObjs = [object]
    var operate = USPOperate()
    operate.inputArgs = [
      "Password": "secret-3", "URL": "http://192.0.2.1/f?token=secret-4", "Username": "u",
    ]
    var change = USPNotify.ValueChange()
    change.paramPath = "Device.Users.User.1.Password"
    change.paramValue = "secret-5"
    var notify = USPNotify()
    notify.notification = .valueChange(change)
    var boot = USPNotify()
    var event = USPNotify.Event()
    event.params = ["ParameterMap": "{\"Device.X.Password\":\"secret-6\"}", "Cause": "LocalReboot"]
    boot.notification = .event(event)
    let texts = [
      USPMsg.response(to: "1", .getResp(get)).redactedJSON,
      USPMsg.request(id: "2", .set(set)).redactedJSON,
      USPMsg.request(id: "3", .operate(operate)).redactedJSON,
      USPMsg.request(id: "4", .notify(notify)).redactedJSON,
      USPMsg.request(id: "5", .notify(boot)).redactedJSON,
    ]
    for text in texts { #expect(!text.contains("secret"), "\(text)") }
    #expect(texts[0].contains("WPA2"))
    #expect(texts[2].contains("http://192.0.2.1/f"))
    #expect(texts[4].contains("LocalReboot"))
  }

  /// What is stored of an event has no more in it than a trace.
  @Test func eventsShowNoCredentials() {
    let arguments = [
      "ParamPath": "Device.Users.User.1.Password", "ParamValue": "secret-1",
      "Data": "{\"Device.X.Password\":\"secret-2\"}", "ParameterMap": "secret-3",
      "TransferURL": "http://192.0.2.1/f?token=secret-4", "Cause": "LocalReboot",
    ]
    let shown = arguments.redacted(event: "Push!")
    for value in shown.values { #expect(!value.contains("secret")) }
    #expect(shown["Cause"] == "LocalReboot")
    #expect(
      ["ParamPath": "Device.A", "ParamValue": "x", "Data": "y"].redacted()
        == ["ParamPath": "Device.A", "ParamValue": "x", "Data": "y"])
  }

  @Test func aBootBringsItsParameters() {
    #expect(
      ParameterMap.values(#"{"Device.A":"x","Device.B":true,"Device.C":7,"Device.D":null}"#)
        == ["Device.A": "x", "Device.B": "true", "Device.C": "7", "Device.D": ""])
    #expect(ParameterMap.values("[]") == nil)
    #expect(ParameterMap.values("") == nil)
  }
}
