import SwiftProtobuf
import Testing
import USP

@Suite struct MessageCodecTests {
  /// Taken apart by hand: a Get of `Device.A.` with the ID `1`.
  private static let get: [UInt8] =
    [0x0A, 5, 0x0A, 1, 0x31, 0x10, 1] + [0x12, 15, 0x0A, 13, 0x0A, 11, 0x0A, 9]
    + Array("Device.A.".utf8)

  private static func fault(_ bytes: [UInt8], limits: USPLimits = USPLimits()) -> USPErrorCode? {
    do throws(USPFault) {
      _ = try MessageCodec.decode(bytes, limits: limits)
      return nil
    } catch {
      return error.code
    }
  }

  /// A message of the ID `1` with these bytes as its body.
  private static func message(_ body: [UInt8]) -> [UInt8] {
    [0x0A, 3, 0x0A, 1, 0x31, 0x12, UInt8(body.count)] + body
  }

  @Test func aGetIsWrittenAndReadByteForByte() throws {
    var get = USPGet()
    get.paramPaths = ["Device.A."]
    let message = USPMsg.request(id: "1", .get(get))
    #expect(MessageCodec.encode(message) == Self.get)
    #expect(try MessageCodec.decode(Self.get) == message)
  }

  /// Databases take no U+0000.
  @Test func aNullIsReplacedInEveryText() throws {
    var resolved = USPGetResp.ResolvedPathResult()
    resolved.resolvedPath = "Device.\0A."
    resolved.resultParams = ["N\0": "a\0\0b \\u0000 \"\n", "M": "plain"]
    var result = USPGetResp.RequestedPathResult()
    result.resolvedPathResults = [resolved]
    result.errCode = 7016
    var get = USPGetResp()
    get.reqPathResults = [result]
    let message = USPMsg.response(to: "1", .getResp(get))
    let read = try MessageCodec.decode(MessageCodec.encode(message))
    guard case .getResp(let found)? = read.response else { return #expect(Bool(false)) }
    let path = try #require(found.reqPathResults.first)
    #expect(path.errCode == 7016)
    #expect(path.resolvedPathResults.first?.resolvedPath == "Device.\u{FFFD}A.")
    #expect(
      path.resolvedPathResults.first?.resultParams
        == ["N\u{FFFD}": "a\u{FFFD}\u{FFFD}b \\u0000 \"\n", "M": "plain"])
    var list = USPGet()
    list.paramPaths = ["A\0", "B"]
    let asked = try MessageCodec.decode(MessageCodec.encode(.request(id: "2", .get(list))))
    guard case .get(let both)? = asked.request else { return #expect(Bool(false)) }
    #expect(both.paramPaths == ["A\u{FFFD}", "B"])
  }

  @Test func errorCodesAreNumbersOfFixedLength() throws {
    var parameter = USPError.ParamError()
    parameter.paramPath = "P"
    parameter.errCode = 7012
    let message = USPMsg.error(to: "1", .invalidArguments, "no", parameters: [parameter])
    let bytes: [UInt8] =
      [0x0A, 3, 0x0A, 1, 0x31] + [0x12, 21, 0x1A, 19]
      + [0x0D, 0x5C, 0x1B, 0, 0, 0x12, 2, 0x6E, 0x6F]
      + [0x1A, 8, 0x0A, 1, 0x50, 0x15, 0x64, 0x1B, 0, 0]
    #expect(MessageCodec.encode(message) == bytes)
    #expect(try MessageCodec.decode(bytes).failure == message.failure)
  }

  @Test func theSameMessageGivesTheSameBytes() {
    var operate = USPOperate()
    operate.command = "Device.X()"
    for index in 0..<20 { operate.inputArgs["argument \(index)"] = "\(index)" }
    let first = MessageCodec.encode(.request(id: "1", .operate(operate)))
    for _ in 0..<5 {
      var same = USPOperate()
      same.command = "Device.X()"
      for index in (0..<20).reversed() { same.inputArgs["argument \(index)"] = "\(index)" }
      #expect(MessageCodec.encode(.request(id: "1", .operate(same))) == first)
    }
  }

  @Test func theBodyWinsOverTheHeader() throws {
    for type: UInt8 in [0, 2, 7, 99] {
      var bytes = Self.get
      bytes[6] = type
      let message = try MessageCodec.decode(bytes)
      #expect(message.header.msgType == .get)
      #expect(message.request != nil)
    }
    var message = USPMsg.response(to: "1", .notifyResp(USPNotifyResp()))
    message.header.msgType = .get
    #expect(
      try MessageCodec.decode(MessageCodec.encode(message)).header.msgType == .notifyResp)
  }

  @Test func everyKindOfMessageGoesThereAndBack() throws {
    let messages: [(USPMsg, String)] = [
      (.request(id: "1", .get(USPGet())), "GET"),
      (.request(id: "1", .getSupportedDm(USPGetSupportedDM())), "GET_SUPPORTED_DM"),
      (.request(id: "1", .getInstances(USPGetInstances())), "GET_INSTANCES"),
      (.request(id: "1", .set(USPSet())), "SET"), (.request(id: "1", .add(USPAdd())), "ADD"),
      (.request(id: "1", .delete(USPDelete())), "DELETE"),
      (.request(id: "1", .operate(USPOperate())), "OPERATE"),
      (
        .request(
          id: "1",
          .notify(
            .with {
              $0.subscriptionID = "s"
              $0.event.eventName = "Boot!"
            })), "NOTIFY"
      ),
      (
        .request(id: "1", .getSupportedProtocol(USPGetSupportedProtocol())), "GET_SUPPORTED_PROTO"
      ),
      (.request(id: "1", .register(USPRegister())), "REGISTER"),
      (.request(id: "1", .deregister(USPDeregister())), "DEREGISTER"),
      (.response(to: "1", .getResp(USPGetResp())), "GET_RESP"),
      (
        .response(to: "1", .getSupportedDmResp(USPGetSupportedDMResp())), "GET_SUPPORTED_DM_RESP"
      ),
      (.response(to: "1", .getInstancesResp(USPGetInstancesResp())), "GET_INSTANCES_RESP"),
      (.response(to: "1", .setResp(USPSetResp())), "SET_RESP"),
      (.response(to: "1", .addResp(USPAddResp())), "ADD_RESP"),
      (.response(to: "1", .deleteResp(USPDeleteResp())), "DELETE_RESP"),
      (.response(to: "1", .operateResp(USPOperateResp())), "OPERATE_RESP"),
      (.response(to: "1", .notifyResp(USPNotifyResp())), "NOTIFY_RESP"),
      (
        .response(to: "1", .getSupportedProtocolResp(USPGetSupportedProtocolResp())),
        "GET_SUPPORTED_PROTO_RESP"
      ),
      (.response(to: "1", .registerResp(USPRegisterResp())), "REGISTER_RESP"),
      (.response(to: "1", .deregisterResp(USPDeregisterResp())), "DEREGISTER_RESP"),
      (.error(to: "1", .internalError), "ERROR"),
    ]
    #expect(Set(messages.map(\.1)).count == USPHeader.MsgType.allCases.count)
    for (message, name) in messages {
      #expect(message.header.msgType.name == name)
      #expect(message.typeOfBody == message.header.msgType)
      #expect(try MessageCodec.decode(MessageCodec.encode(message)) == message)
    }
  }

  @Test(
    arguments: [
      // No body; a body with nothing in it; a request and a response; two requests; two errors.
      (MessageCodecTests.head, USPErrorCode.invalidArguments),
      (message([]), .invalidArguments),
      (message([0x0A, 2, 0x0A, 0, 0x12, 2, 0x0A, 0]), .invalidArguments),
      (message([0x0A, 4, 0x0A, 0, 0x22, 0]), .invalidArguments),
      (message([0x1A, 0, 0x1A, 0]), .invalidArguments),
      // A notification of nothing, and of two things; the result of a command that has none.
      (message([0x0A, 2, 0x42, 0]), .invalidArguments),
      (message([0x0A, 6, 0x42, 4, 0x1A, 0, 0x22, 0]), .invalidArguments),
      (message([0x12, 4, 0x3A, 2, 0x0A, 0]), .invalidArguments),
      // A request and a response that this version doesn't know.
      (message([0x0A, 2, 0x62, 0]), .messageNotSupported),
      (message([0x0A, 0]), .messageNotSupported),
      (message([0x12, 2, 0x62, 0]), .messageNotSupported),
      // The access of an object that can't be.
      (message([0x12, 8, 0x12, 6, 0x0A, 4, 0x2A, 2, 0x10, 4]), .invalidArguments),
      // A path that is no text.
      (message([0x0A, 5, 0x0A, 3, 0x0A, 1, 0xFF]), .invalidArguments),
      // No protobuf.
      ([], .invalidArguments), ([0xFF], .messageFailed), ([0x0A], .messageFailed),
      ([0x0A, 5, 1], .messageFailed), ([0x0B, 0x0C], .messageFailed), ([0x00, 0], .messageFailed),
      (Array(repeating: 0xFF, count: 12), .messageFailed),
      ([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], .messageFailed),
      // No message ID.
      ([0x12, 4, 0x0A, 2, 0x0A, 0], .invalidArguments),
    ] as [([UInt8], USPErrorCode)])
  func whatTheStandardForbidsIsRefused(_ bytes: [UInt8], _ code: USPErrorCode) {
    #expect(Self.fault(bytes) == code)
  }

  private static let head: [UInt8] = [0x0A, 3, 0x0A, 1, 0x31]

  @Test func whatIsUnknownIsPassedOver() throws {
    // Fields of the numbers 15, 16 and 2000, in the message and in its header.
    let bytes: [UInt8] =
      [0x7A, 1, 0xFF] + [0x0A, 9, 0x0A, 1, 0x31, 0x10, 1, 0x82, 0x01, 1, 0x00]
      + Array(Self.get.dropFirst(7)) + [0x85, 0x7D, 1, 2, 3, 4]
    #expect(try MessageCodec.decode(bytes) == MessageCodec.decode(Self.get))
  }

  @Test func limitsHold() throws {
    var limits = USPLimits()
    limits.messageBytes = Self.get.count
    #expect(Self.fault(Self.get, limits: limits) == nil)
    limits.messageBytes -= 1
    #expect(Self.fault(Self.get, limits: limits) == .resourcesExceeded)

    limits = USPLimits()
    limits.messageItems = 10
    var get = USPGet()
    get.paramPaths = Array(repeating: "", count: 10)
    #expect(Self.fault(MessageCodec.encode(.request(id: "1", .get(get))), limits: limits) == nil)
    get.paramPaths.append("")
    #expect(
      Self.fault(MessageCodec.encode(.request(id: "1", .get(get))), limits: limits)
        == .resourcesExceeded)
    // In the maps of results, too.
    var resolved = USPGetResp.ResolvedPathResult()
    for index in 0..<9 { resolved.resultParams["\(index)"] = "" }
    var result = USPGetResp.RequestedPathResult()
    result.resolvedPathResults = [resolved]
    var response = USPGetResp()
    response.reqPathResults = [result]
    #expect(
      Self.fault(MessageCodec.encode(.response(to: "1", .getResp(response))), limits: limits)
        == .resourcesExceeded)

    limits = USPLimits()
    let long = String(repeating: "m", count: limits.messageIDBytes)
    #expect(Self.fault(MessageCodec.encode(.request(id: long, .get(get)))) == nil)
    #expect(
      Self.fault(MessageCodec.encode(.request(id: long + "m", .get(get)))) == .invalidArguments)
  }
}
