import CLibPQ

extension PostgresError {
  /// What the server reported in a result.
  init(result: OpaquePointer, isCancelRequested: Bool) {
    let state = Self.field(ErrorField.sqlState, of: result)
    let primary = Self.field(ErrorField.message, of: result)
    let message: String
    if let primary {
      message = primary
    } else {
      message = Self.trimmed(String(cString: PQresultErrorMessage(result)))
    }
    guard let state else {
      self.init(.protocolViolation, message.isEmpty ? "the server gave no reason" : message)
      return
    }
    let constraint = Self.field(ErrorField.constraint, of: result)
    self.init(
      Self.code(sqlState: state, constraint: constraint, isCancelRequested: isCancelRequested),
      // Data exceptions quote the value that they refuse.
      state.hasPrefix("22") ? Self.withoutQuotations(message) : message, sqlState: state)
    if state == "0A000",
      Self.field(ErrorField.sourceFunction, of: result) == "RevalidateCachedQuery"
    {
      code = .serialization
    }
  }

  /// What libpq says of a connection that can't be opened or was lost.
  init(connection: OpaquePointer?, _ code: Code, outcomeIsUnknown: Bool = false) {
    let text = connection.map { Self.trimmed(String(cString: PQerrorMessage($0))) } ?? ""
    self.init(
      code, text.isEmpty ? "the connection to the server was lost" : text,
      outcomeIsUnknown: outcomeIsUnknown)
  }

  static func code(sqlState: String, constraint: String?, isCancelRequested: Bool) -> Code {
    switch sqlState {
    case "40001", "40P01": .serialization
    case "57014": isCancelRequested ? .cancelled : .timedOut
    case "55P03", "25P03", "57P05": .timedOut
    case "57P01", "57P02", "57P03", "53300": .unavailable
    case "3D000", "57P04": .refused
    default:
      switch sqlState.prefix(2) {
      case "08": .unavailable
      case "23": .constraint(constraint ?? "")
      case "28": .refused
      case "53": .insufficientResources
      default: .statement
      }
    }
  }

  /// The text with everything between double quotes struck.
  static func withoutQuotations(_ text: String) -> String {
    var result = ""
    var isQuoted = false
    for character in text {
      if character == "\"" {
        if !isQuoted { result += "\"…\"" }
        isQuoted.toggle()
      } else if !isQuoted {
        result.append(character)
      }
    }
    return result
  }

  /// The text without trailing line ends, and in one line.
  static func trimmed(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).map { $0.trimmingPrefix(while: \.isWhitespace) }
      .joined(separator: "; ")
  }

  /// Where in the text of the statement the error is, in characters from 1.
  static func position(in result: OpaquePointer) -> Int? {
    field(ErrorField.position, of: result).flatMap { Int($0) }
  }

  private static func field(_ code: Int32, of result: OpaquePointer) -> String? {
    PQresultErrorField(result, code).map { String(cString: $0) }
  }

  /// The `PG_DIAG_` codes; Swift doesn't import these macros.
  private enum ErrorField {
    static let sqlState = Int32(UInt8(ascii: "C"))
    static let message = Int32(UInt8(ascii: "M"))
    static let position = Int32(UInt8(ascii: "P"))
    static let constraint = Int32(UInt8(ascii: "n"))
    static let sourceFunction = Int32(UInt8(ascii: "R"))
  }
}
