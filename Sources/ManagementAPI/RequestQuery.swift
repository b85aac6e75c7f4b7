import FileServer
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdCore
import ManagementTypes

extension Request {
  /// - Throws: ``Refusal`` for a name that the route does not have.
  func checkQuery(_ known: [String]) throws {
    for (name, _) in uri.queryParameters where !known.contains(String(name)) {
      throw Refusal(
        .badRequest,
        known.isEmpty
          ? "The route takes no query, but there is “\(name.prefix(64))”."
          : "There is no query parameter “\(name.prefix(64))”; known are \(known.joined(separator: ", "))."
      )
    }
  }

  /// The value of a query parameter that may be there once.
  func query(_ name: String) throws -> String? {
    let values = uri.queryParameters[values: Substring(name)]
    guard values.count <= 1 else {
      throw Refusal(.badRequest, "The query parameter “\(name)” is there more than once.")
    }
    return values.first.map(String.init)
  }

  func flag(_ name: String) throws -> Bool {
    switch try query(name) {
    case nil, "false": return false
    case "true", "": return true
    case let other?:
      throw Refusal(.badRequest, "“\(name)” is true or false, not “\(other.prefix(64))”.")
    }
  }

  /// A whole number in a range; the default where it is not there.
  func number(_ name: String, in range: ClosedRange<Int>, default: Int) throws -> Int {
    guard let text = try query(name) else { return `default` }
    guard let number = Int(text), range.contains(number) else {
      throw Refusal(
        .badRequest,
        "“\(name)” is a number from \(range.lowerBound) to \(range.upperBound), not “\(text.prefix(64))”."
      )
    }
    return number
  }

  /// A cursor that is a key.
  func keyCursor() throws -> Int64? {
    guard let text = try query("cursor") else { return nil }
    guard let key = Int64(text), key >= 0 else {
      throw Refusal(.badRequest, "The cursor is not one that this list gave.")
    }
    return key
  }

  /// The body of at most so many bytes.
  func body(atMost limit: Int) async throws -> Data {
    if let text = headers[.contentLength], let length = Int64(text), length > limit {
      throw Refusal(.tooLarge, "The body has \(length) bytes; at most \(limit) are taken.")
    }
    var data = Data()
    for try await piece in body {
      guard data.count + piece.readableBytes <= limit else {
        throw Refusal(.tooLarge, "The body has more than \(limit) bytes.")
      }
      data.append(contentsOf: piece.readableBytesView)
    }
    return data
  }

  /// The media type without its parameters, in lower case.
  var mediaType: String? {
    headers[.contentType].map { field in
      field.prefix { $0 != ";" }.filter { $0 != " " }.lowercased()
    }
  }
}

extension APIContext {
  /// A variable segment of the path, percent-decoded.
  func segment(_ name: String) throws -> String {
    guard let raw = parameters[Substring(name)], let text = raw.percentDecoded,
      !text.isEmpty
    else { throw Refusal(.badRequest, "The path is not percent-encoded UTF-8.") }
    return text
  }

  /// The name of the one who acts, for the audit log.
  var actor: String { caller?.name ?? "anonymous" }
}
