import Cryptography

/// One step of the schema.
package struct Migration: Sendable, Equatable {
  /// From 1 up.
  package let version: Int
  package let name: String
  /// One or several statements, none of which begins or ends a transaction.
  package let sql: String
  /// SHA-256 of the text, in hexadecimal digits.
  package let checksum: String

  package init(version: Int, name: String, sql: String) {
    self.version = version
    self.name = name
    self.sql = sql
    checksum = SHA256.hexDigest(of: Array(sql.utf8))
  }
}

extension Migration: CustomStringConvertible {
  package var description: String { "migration \(version) (\(name))" }
}
