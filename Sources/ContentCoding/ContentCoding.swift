/// How the content of an HTTP message is compressed (RFC 9110, section 8.4.1).
package enum ContentCoding: Sendable, Equatable {
  case gzip
  /// By its definition deflate data in zlib's wrapping; some clients leave the wrapping out, and both are read.
  case deflate

  /// What a `Content-Encoding` header asks for.
  package enum Reading: Sendable, Equatable {
    case identity
    case coded(ContentCoding)
    /// A coding that is not known, or several of them.
    case unsupported
  }

  /// Reads the values of `Content-Encoding`; names in any case, an empty one and `identity` mean nothing.
  package static func read(_ values: some Sequence<some StringProtocol>) -> Reading {
    var found: ContentCoding?
    for value in values {
      for part in value.split(separator: ",") {
        let name = String(part.filter { $0 != " " && $0 != "\t" }).lowercased()
        switch name {
        case "", "identity": continue
        case "gzip", "x-gzip":
          guard found == nil else { return .unsupported }
          found = .gzip
        case "deflate":
          guard found == nil else { return .unsupported }
          found = .deflate
        default: return .unsupported
        }
      }
    }
    return found.map { .coded($0) } ?? .identity
  }

  /// Whether a client takes gzip, by the values of `Accept-Encoding` (RFC 9110, section 12.5.3).
  package static func acceptsGzip(_ values: some Sequence<some StringProtocol>) -> Bool {
    for value in values {
      for part in value.lowercased().split(separator: ",") {
        let pieces = part.split(separator: ";").map { piece in
          String(piece.filter { $0 != " " && $0 != "\t" })
        }
        guard let name = pieces.first, name == "gzip" || name == "x-gzip" else { continue }
        // A weight of zero is a refusal.
        return !pieces.dropFirst().contains { piece in
          piece.hasPrefix("q=0") && piece.dropFirst(3).allSatisfy { $0 == "." || $0 == "0" }
        }
      }
    }
    return false
  }
}
