import Cryptography

/// The one packet that asks a CPE behind a NAT to call (TR-069 Amendment 6, Annex G.2.2.3): an HTTP GET whose query
/// is signed with the connection-request password.
package struct UDPConnectionRequest: Sendable, Equatable {
  package struct Problem: Error, Sendable, Equatable, CustomStringConvertible {
    package let description: String
  }

  /// The most bytes of a packet that is read; what Annex G has needs far less.
  package static let maximumSize = 1400

  /// `ts`: seconds since 1970, greater than that of each earlier request to the device.
  package var timestamp: UInt64
  /// `id`: other than that of the request before.
  package var id: UInt32
  /// `un`: ManagementServer.ConnectionRequestUsername.
  package var username: String
  /// `cn`: a random text.
  package var nonce: String

  package init(timestamp: UInt64, id: UInt32, username: String, nonce: String) {
    self.timestamp = timestamp
    self.id = id
    self.username = username
    self.nonce = nonce
  }

  /// The packet.
  ///
  /// - Parameters:
  ///   - host: Where it is sent, with brackets if it is an IPv6 address.
  ///   - port: Left out of the packet if it is 80.
  ///   - password: ManagementServer.ConnectionRequestPassword.
  package func encoded(host: String, port: UInt16, password: String) -> [UInt8] {
    let authority = port == 80 ? host : "\(host):\(port)"
    let query = query(password: password)
    return Array("GET http://\(authority)?\(query) HTTP/1.1\r\nHost: \(authority)\r\n\r\n".utf8)
  }

  /// The query without its question mark.
  package func query(password: String) -> String {
    "ts=\(timestamp)&id=\(id)&un=\(Self.escaped(username))&cn=\(Self.escaped(nonce))"
      + "&sig=\(Hex.encode(signature(password: password)))"
  }

  /// The 20 bytes of `sig`: HMAC-SHA1 with the password over ts, id, un and cn, one after the other.
  package func signature(password: String) -> [UInt8] {
    Self.signature(of: "\(timestamp)\(id)\(username)\(nonce)", password: password)
  }

  static func signature(of text: String, password: String) -> [UInt8] {
    HMAC.sha1(key: Array(password.utf8), message: Array(text.utf8))
  }

  /// Everything but letters, digits and `-._~` (RFC 3986, 2.3) as `%` and two digits.
  static func escaped(_ text: String) -> String {
    var escaped = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        escaped.unicodeScalars.append(Unicode.Scalar(byte))
      default: escaped += "%" + Hex.encode([byte]).uppercased()
      }
    }
    return escaped
  }
}
