import SwiftProtobuf

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Messages to bytes and back (TR-369 2.6; the schema of version 1.4).
package enum MessageCodec {
  /// - Throws: `invalidArguments` for what the standard forbids, `messageNotSupported` for a request of a kind that is unknown,
  ///   `resourcesExceeded` above the limits, `messageFailed` for bytes that are no message.
  package static func decode(_ payload: [UInt8], limits: USPLimits = USPLimits()) throws(USPFault)
    -> USPMsg
  {
    try read(payload.span, limits: limits) { () throws in
      try USPMsg(serializedBytes: payload, options: options)
    }
    .message.get()
  }

  /// The same message gives the same bytes. The type in the header is that of the body.
  package static func encode(_ msg: USPMsg) -> [UInt8] {
    var msg = msg
    msg.header.msgType = msg.typeOfBody
    // Fails only above two GiB, for the schema has no field that must be there.
    return (try? msg.serializedBytes(options: encodingOptions)) ?? []
  }

  static let options: BinaryDecodingOptions = {
    var options = BinaryDecodingOptions()
    options.discardUnknownFields = true
    options.messageDepthLimit = 20
    return options
  }()

  static let encodingOptions: BinaryEncodingOptions = {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    return options
  }()

  /// What was made of a payload.
  struct Reading {
    var message: Result<USPMsg, USPFault>
    /// The ID of a request that can't be worked on: its sender is told why (R-MTP.5).
    var refusedRequest: String?
    /// The ID of what is no request, as far as can be seen: whoever awaits it as a response is told why none comes.
    var refusedResponse: String?
  }

  static func read(_ payload: Data, limits: USPLimits) -> Reading {
    read(payload.span, limits: limits) { () throws in
      try USPMsg(serializedBytes: payload, options: options)
    }
  }

  /// The ID of a request; nil where it can't be read, or there is none.
  static func requestID(in payload: Data, limits: USPLimits) -> String? {
    let reading = read(payload, limits: limits)
    guard case .success(let message) = reading.message else { return reading.refusedRequest }
    return message.request == nil ? nil : message.id
  }

  /// The ID of what may be a response, in the beginning of a message; nil where it can't be read.
  static func responseID(inBeginning beginning: Data, limits: USPLimits) -> String? {
    var check = WireCheck(items: limits.messageItems)
    // It is cut off somewhere.
    try? check.walk(beginning.span, as: .message)
    return check.holdsRequest ? nil : id(check, beginning.span, limits)
  }

  private static func read(
    _ payload: Span<UInt8>, limits: USPLimits, message: () throws -> USPMsg
  ) -> Reading {
    var check = WireCheck(items: limits.messageItems)
    guard payload.count <= limits.messageBytes else {
      try? check.walk(payload, as: .message)
      return refused(
        USPFault(.resourcesExceeded, "a message of more than \(limits.messageBytes) bytes"), check,
        payload, limits)
    }
    do {
      try check.walk(payload, as: .message)
    } catch {
      return refused(USPFault(.messageFailed, error.text), check, payload, limits)
    }
    if let problem = check.problem {
      return refused(fault(problem, limits), check, payload, limits)
    }
    do {
      var message = try message()
      if check.holdsNull { message = try message.replacingNulls() }
      guard !message.header.msgID.isEmpty, message.header.msgID.utf8.count <= limits.messageIDBytes
      else {
        return Reading(
          message: .failure(
            USPFault(
              .invalidArguments, "no message ID, or one of more than \(limits.messageIDBytes) bytes"
            )))
      }
      guard message.body.msgBody != nil else {
        return refused(USPFault(.invalidArguments, "no body"), check, payload, limits)
      }
      message.header.msgType = message.typeOfBody
      return Reading(message: .success(message))
    } catch {
      // The walk has seen that the fields are well-formed; it enters no texts and no entries of maps.
      return refused(
        USPFault(.invalidArguments, "a text is not in UTF-8, or an entry is malformed"), check,
        payload, limits)
    }
  }

  private static func refused(
    _ fault: USPFault, _ check: WireCheck, _ payload: Span<UInt8>, _ limits: USPLimits
  ) -> Reading {
    var reading = Reading(message: .failure(fault))
    let id = id(check, payload, limits)
    if check.holdsRequest { reading.refusedRequest = id } else { reading.refusedResponse = id }
    return reading
  }

  private static func id(_ check: WireCheck, _ payload: Span<UInt8>, _ limits: USPLimits) -> String?
  {
    guard let range = check.messageID, !range.isEmpty, range.count <= limits.messageIDBytes else {
      return nil
    }
    var id: [UInt8] = []
    for index in range { id.append(payload[index]) }
    return String(validating: id, as: UTF8.self)
  }

  private static func fault(_ problem: WireCheck.Problem, _ limits: USPLimits) -> USPFault {
    switch problem {
    case .noMember(of: .request), .noMember(of: .response):
      USPFault(.messageNotSupported, "a message of a kind that is unknown")
    case .noMember: USPFault(.invalidArguments, "a choice is left open")
    case .severalMembers: USPFault(.invalidArguments, "several members where one may be")
    case .unknownEnumeration(let value, let field):
      USPFault(.invalidArguments, "an unknown value, \(value), in field \(field)")
    case .tooManyItems:
      USPFault(.resourcesExceeded, "a message of more than \(limits.messageItems) items")
    }
  }
}
