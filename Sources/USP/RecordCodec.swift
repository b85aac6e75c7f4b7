import SwiftProtobuf

/// Records to bytes and back (TR-369 3.2; the schema of version 1.4).
package enum RecordCodec {
  /// - Throws: `recordNotParsed` for bytes that are no Record or one without exactly one record type (R-ENC.4), `invalidRecordValue` for
  ///   an unknown value (R-ENC.2), `resourcesExceeded` above the limits.
  package static func decode(_ bytes: [UInt8], limits: USPLimits = USPLimits()) throws(USPFault)
    -> USPRecord
  {
    let reading = try read(bytes, limits: limits)
    if let problem = reading.problem { throw problem }
    return reading.record
  }

  package static func encode(_ record: USPRecord) -> [UInt8] {
    // Fails only above two GiB, for the schema has no field that must be there.
    (try? record.serializedBytes(options: MessageCodec.encodingOptions)) ?? []
  }

  /// A Record that can be read, and what the standard forbids in it.
  struct Reading {
    var record: USPRecord
    var problem: USPFault?
  }

  static func read(_ bytes: [UInt8], limits: USPLimits) throws(USPFault) -> Reading {
    guard bytes.count <= limits.recordBytes else {
      throw USPFault(.resourcesExceeded, "a Record of more than \(limits.recordBytes) bytes")
    }
    // Only payloads are many: those of a Record are records of TLS, each of some bytes.
    var check = WireCheck(items: 1024)
    do {
      try check.walk(bytes.span, as: .record)
    } catch {
      throw USPFault(.recordNotParsed, error.text)
    }
    let problem = check.problem.map(fault)
    if problem?.code == .resourcesExceeded, let problem { throw problem }
    do {
      return Reading(
        record: try USPRecord(serializedBytes: bytes, options: MessageCodec.options),
        problem: problem)
    } catch {
      throw USPFault(.recordNotParsed, "a text is not in UTF-8")
    }
  }

  private static func fault(_ problem: WireCheck.Problem) -> USPFault {
    switch problem {
    case .noMember: USPFault(.recordNotParsed, "a Record of a kind that is unknown")
    case .severalMembers: USPFault(.recordNotParsed, "a Record of several kinds")
    case .unknownEnumeration(let value, let field):
      USPFault(.invalidRecordValue, "an unknown value, \(value), in field \(field)")
    case .tooManyItems: USPFault(.resourcesExceeded, "too many payloads")
    }
  }
}
