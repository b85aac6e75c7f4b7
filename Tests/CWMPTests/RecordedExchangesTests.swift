import CWMP
import Foundation
import Testing

/// Everything that independent CPE software and real devices were seen to send.
@Suite(.enabled(if: TestData.isPresent("cwmp-captures"), TestData.absence))
struct RecordedExchangesTests {
  /// The honeypot client's attacks; all else decodes.
  private static let hostile = ["04-GetRPCMethods.txt", "05-RPCS_UNPARSED__then_GPV.txt"]

  @Test func everyRecordedMessageDecodesAndAttacksAreRefused() throws {
    let decoder = EnvelopeDecoder()
    var requests = 0
    var refusals = 0
    for file in try TestData.files(below: "cwmp-captures") {
      for message in try TestData.recordings(in: file)
      where message.body.contains(UInt8(ascii: "<")) && !file.path.contains("file-GET") {
        do throws(CWMPError) {
          let envelope = try decoder.decode(message.body)
          #expect(envelope.message != nil, "\(file.lastPathComponent)")
          if message.isRequest {
            requests += 1
            expect(envelope, matches: file.lastPathComponent)
          }
        } catch {
          refusals += 1
          #expect(
            Self.hostile.contains(file.lastPathComponent), "\(file.lastPathComponent): \(error)")
          #expect(error.description.contains("DOCTYPE"))
        }
      }
    }
    #expect(requests > 90)
    #expect(refusals == Self.hostile.count)
  }

  /// A recording's name says what the CPE sent: `Inform`, `GPV_Fault_9005`, `ADD_AddObjectResponse`.
  private func expect(_ envelope: Envelope, matches name: String) {
    let what = name.dropFirst(3).split(separator: ".")[0]
    switch envelope.message {
    case .request(let request):
      #expect(what.hasPrefix(request.method) || what.hasPrefix("auth-challenge"), "\(name)")
    case .response(let response):
      #expect(what.contains("_\(response.method)Response"), "\(name)")
    case .fault(let fault):
      #expect(what.contains("_Fault_\(fault.detail.code)"), "\(name)")
    case nil:
      Issue.record("\(name) has no message")
    }
  }

  @Test func everyRecordedMessageComesBackFromOurOwnEncoding() throws {
    let decoder = EnvelopeDecoder()
    var buffer: [UInt8] = []
    for file in try TestData.files(below: "cwmp-captures")
    where !Self.hostile.contains(file.lastPathComponent) && !file.path.contains("file-GET") {
      for message in try TestData.recordings(in: file)
      where message.body.contains(UInt8(ascii: "<")) {
        let envelope = try decoder.decode(message.body)
        EnvelopeEncoder(style: .init(booleans: .words)).encode(envelope, into: &buffer)
        let again = try decoder.decode(buffer)
        // The literals of Boolean values follow the style; nothing else may differ.
        #expect(
          normalised(again) == normalised(envelope), "\(file.lastPathComponent)")
      }
    }
  }

  @Test(.enabled(if: TestData.isPresent("cwmp-device-samples"), TestData.absence))
  func everyDeviceSampleComesBackFromOurOwnEncoding() throws {
    let decoder = EnvelopeDecoder()
    var buffer: [UInt8] = []
    let files = try TestData.files(below: "cwmp-device-samples")
    #expect(!files.isEmpty)
    for file in files {
      let envelope = try decoder.decode([UInt8](try Data(contentsOf: file)))
      EnvelopeEncoder(style: .init(booleans: .words)).encode(envelope, into: &buffer)
      #expect(
        normalised(try decoder.decode(buffer)) == normalised(envelope), "\(file.lastPathComponent)")
    }
  }

  @Test func everyRecordingIsReadTheSameInPieces() throws {
    let decoder = EnvelopeDecoder()
    for file in try TestData.files(below: "cwmp-captures")
    where !Self.hostile.contains(file.lastPathComponent) && !file.path.contains("file-GET") {
      for message in try TestData.recordings(in: file)
      where message.body.contains(UInt8(ascii: "<")) {
        let whole = try decoder.decode(message.body)
        for length in [1, 1_460] {
          decoder.begin()
          for start in stride(from: 0, to: message.body.count, by: length) {
            let piece = message.body[start..<min(start + length, message.body.count)]
            try piece.withUnsafeBytes { try decoder.feed($0) }
          }
          #expect(try decoder.finish() == whole, "\(file.lastPathComponent)")
        }
      }
    }
  }

  @Test func eventCodesInOtherLettersAreThoseOfTheStandard() throws {
    let folder = "cwmp-captures/mhils-honeyclient"
    let file = try #require(
      try TestData.files(below: folder).first { $0.lastPathComponent.hasPrefix("01-Inform") })
    let request = try #require(try TestData.recordings(in: file).first)
    #expect(String(decoding: request.body, as: UTF8.self).contains("<EventCode>1 Boot<"))
    guard case .request(.inform(let inform)) = try EnvelopeDecoder().decode(request.body).message
    else {
      Issue.record("no Inform")
      return
    }
    #expect(
      inform.events == [Event(Event.valueChange), Event(Event.boot), Event(Event.bootstrap)])
  }

  private func normalised(_ envelope: Envelope) -> Envelope {
    var envelope = envelope
    func words(_ values: [ParameterValue]) -> [ParameterValue] {
      values.map { value in
        var value = value
        if value.type == .boolean, value.value == "1" { value.value = "true" }
        if value.type == .boolean, value.value == "0" { value.value = "false" }
        return value
      }
    }
    switch envelope.message {
    case .request(.inform(var inform)):
      inform.parameters = words(inform.parameters)
      envelope.message = .request(.inform(inform))
    case .response(.getParameterValues(let values)):
      envelope.message = .response(.getParameterValues(words(values)))
    default: break
    }
    return envelope
  }
}

@Suite(.enabled(if: TestData.isPresent("cwmp-device-samples"), TestData.absence))
struct DeviceSamplesTests {
  private func inform(_ name: String) throws -> (Envelope, Inform) {
    let file = TestData.root.appendingPathComponent("cwmp-device-samples/\(name)")
    let envelope = try EnvelopeDecoder().decode([UInt8](try Data(contentsOf: file)))
    guard case .request(.inform(let inform)) = envelope.message else {
      throw CWMPError(.invalidMessage, "\(name) is no Inform")
    }
    return (envelope, inform)
  }

  @Test func zyxelP2601() throws {
    let (envelope, inform) = try inform("2601.xml")
    #expect(envelope.id == "100")
    #expect(inform.deviceID.identity == "EC43F6-P%2D2601HN%2DF1-EC43F69AF408")
    #expect(inform.parameters.count == 8)
    #expect(inform.rootDataModel == .internetGatewayDevice)
  }

  @Test func cytcoWithATimeThatNoCalendarHas() throws {
    let (_, inform) = try inform("cycto.xml")
    #expect(inform.currentTime == "2019-03-05T11:54::14")
    #expect(CWMPTime.parse(inform.currentTime) == nil)
    #expect(inform.retryCount == 942)
  }

  @Test func mikrotikWithoutAHeader() throws {
    let (envelope, inform) = try inform("mikrotik-hap-lite-inform.xml")
    #expect(envelope.id == nil)
    #expect(inform.deviceID.productClass == "hAP lite")
    #expect(inform.events == [Event(Event.diagnosticsComplete)])
    #expect(inform.parameters.last?.type == .boolean)
    #expect(inform.rootDataModel == .device)
  }

  @Test func zteThatListsAParameterTwiceAndGivesBootstrapACommandKey() throws {
    let (_, inform) = try inform("zte-f600w-inform.xml")
    #expect(inform.events.first?.commandKey == "TR069_ZTE_HOMEGATEWAY")
    let names = inform.parameters.map(\.name)
    #expect(Set(names).count < names.count)
    #expect(inform.parameters.count == 10)
  }
}
