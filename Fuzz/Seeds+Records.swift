import SwiftProtobuf
import USP

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Seeds {
  /// Messages of every kind, the Records that carry them, and steps of an exchange.
  static func recordSteps() -> [[UInt8]] {
    var steps: [[UInt8]] = []
    for message in uspMessages {
      let payload = MessageCodec.encode(message)
      guard payload.count < 200 else { continue }
      steps.append([0, 7] + block(payload))
      steps.append([0, 2] + block(payload))
      // Joins a context, and is asked for again.
      steps.append([4, 1, 0x61, 1, 0] + block(payload) + [4, 1, 1, 0x63, 0x11, 0, 0, 3, 99])
      let half = payload.count / 2
      steps.append(
        [0, 1, 0x63, 1, 3] + block(Array(payload[half...])) + [3, 20, 1, 0x61, 1, 0, 0]
          + [1, 0x62, 1, 1] + block(Array(payload[..<half])))
      var record = USPRecord()
      record.version = "1.4"
      record.toID = "self::c"
      record.fromID = "os::012345-A"
      record.noSessionContext = .with { $0.payload = Data(payload) }
      steps.append([0, 0] + block(RecordCodec.encode(record)))
      record.payloadSecurity = .tls12
      record.macSignature = Data([1])
      record.sessionContext = .with {
        $0.sessionID = 3
        $0.sequenceID = 1
        $0.payload = [Data(payload), Data()]
      }
      steps.append([1, 0] + block(RecordCodec.encode(record)))
    }
    for choice: UInt8 in 0..<12 { steps.append([choice, 5, choice, 4, 200, 5, 5, 6, 0, 4, 1]) }
    if let agent = EndpointID("os::012345-A") {
      let frames =
        UnixFrame.encode(.handshake(agent)) + UnixFrame.encode([.record([1]), .error("e")])
      steps.append([0, 8] + block(frames) + [3])
    }
    for text in [
      "oui:00256D:a-b", "uuid::f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "ops::012345-P-S%2F",
      "os%3A%3A012345-A", "urn:bbf:usp:id:pen:3561:x", "fqdn::a.example", "imei::990000862471854",
    ] { steps.append([0, 9] + block(Array(text.utf8))) }
    return steps
  }

  private static func block(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8(clamping: min(bytes.count, 254))] + bytes
  }

  private static var uspMessages: [USPMsg] {
    let settings = ["A": "1", "B": ""]
    return [
      .request(id: "1", .get(.with { $0.paramPaths = ["Device.", "Device.A.[B==\"c\"]."] })),
      .request(id: "1", .getSupportedDm(.with { $0.objPaths = ["Device."] })),
      .request(id: "1", .getInstances(.with { $0.objPaths = ["Device.A."] })),
      .request(
        id: "1",
        .set(.with { $0.updateObjs = [.with { $0.paramSettings = [.with { $0.param = "A" }] }] })),
      .request(
        id: "1",
        .add(.with { $0.createObjs = [.with { $0.paramSettings = [.with { $0.param = "A" }] }] })),
      .request(id: "1", .delete(.with { $0.objPaths = ["Device.A.1."] })),
      .request(id: "1", .operate(.with { $0.inputArgs = settings })),
      .request(id: "1", .notify(.with { $0.event.params = settings })),
      .request(id: "1", .notify(.with { $0.valueChange.paramValue = "v" })),
      .request(id: "1", .notify(.with { $0.objCreation.uniqueKeys = settings })),
      .request(id: "1", .notify(.with { $0.objDeletion.objPath = "o" })),
      .request(id: "1", .notify(.with { $0.operComplete.reqOutputArgs.outputArgs = settings })),
      .request(id: "1", .notify(.with { $0.operComplete.cmdFailure.errCode = 7022 })),
      .request(id: "1", .notify(.with { $0.onBoardReq.oui = "012345" })),
      .request(id: "1", .getSupportedProtocol(.init())), .request(id: "1", .register(.init())),
      .request(id: "1", .deregister(.with { $0.paths = [""] })),
      .response(
        to: "1",
        .getResp(
          .with {
            $0.reqPathResults = [
              .with { $0.resolvedPathResults = [.with { $0.resultParams = settings }] }
            ]
          })),
      .response(
        to: "1",
        .getSupportedDmResp(
          .with {
            $0.reqObjResults = [
              .with {
                $0.supportedObjs = [
                  .with {
                    $0.access = .objAddDelete
                    $0.supportedCommands = [.with { $0.inputArgNames = ["a"] }]
                    $0.supportedEvents = [.with { $0.argNames = ["a"] }]
                    $0.supportedParams = [.with { $0.valueType = .paramUnsignedLong }]
                    $0.uniqueKeySets = [.with { $0.keyNames = ["k"] }]
                  }
                ]
              }
            ]
          })),
      .response(
        to: "1",
        .getInstancesResp(
          .with {
            $0.reqPathResults = [.with { $0.currInsts = [.with { $0.uniqueKeys = settings }] }]
          }
        )),
      .response(
        to: "1",
        .setResp(
          .with {
            $0.updatedObjResults = [
              .with { $0.operStatus.operFailure.updatedInstFailures = [.init()] },
              .with {
                $0.operStatus.operSuccess.updatedInstResults = [
                  .with { $0.updatedParams = settings }
                ]
              },
            ]
          })),
      .response(
        to: "1",
        .addResp(
          .with {
            $0.createdObjResults = [.with { $0.operStatus.operSuccess.uniqueKeys = settings }]
          }
        )),
      .response(
        to: "1",
        .deleteResp(
          .with {
            $0.deletedObjResults = [.with { $0.operStatus.operSuccess.affectedPaths = ["a"] }]
          })),
      .response(
        to: "1",
        .operateResp(
          .with {
            $0.operationResults = [
              .with { $0.reqObjPath = "r" }, .with { $0.reqOutputArgs.outputArgs = settings },
              .with { $0.cmdFailure.errCode = 7022 },
            ]
          })), .response(to: "1", .notifyResp(.with { $0.subscriptionID = "s" })),
      .response(to: "1", .getSupportedProtocolResp(.init())),
      .response(
        to: "1",
        .registerResp(
          .with { $0.registeredPathResults = [.with { $0.operStatus.operFailure.errCode = 7029 }] })
      ),
      .response(
        to: "1",
        .deregisterResp(
          .with {
            $0.deregisteredPathResults = [
              .with { $0.operStatus.operSuccess.deregisteredPath = ["a", "b"] }
            ]
          })), .error(to: "1", .invalidArguments, "e", parameters: [.init()]),
    ]
  }
}
