import Cryptography

extension DigestCredentials {
  /// What makes two answers to challenges the same: nonce, nc and cnonce together, hashed.
  ///
  /// Clients in the field send nc=00000001 for ever with a new cnonce, so nc need not grow. A client that leaves all three of qop,
  /// nc and cnonce out gives one answer a nonce, so that a nonce lets such a client in once. Two answers with one fingerprint cost a
  /// client a further challenge, no more.
  package var fingerprint: Int64 {
    let hash = SHA256()
    hash.update(Array(nonce.lowercased().utf8))
    // Only what the response covers; anything else could be varied by whoever has captured it.
    for part in [
      qop == nil ? nil : nonceCount, qop != nil || algorithm.isSession ? cnonce : nil,
    ] {
      hash.update([0, part == nil ? 0 : 1])
      hash.update(Array((part ?? "").utf8))
    }
    return hash.finish().prefix(8).reduce(0) { $0 << 8 | Int64($1) }
  }
}
