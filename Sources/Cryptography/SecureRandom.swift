import CLibCrypto

/// Random bytes fit for keys, tokens and nonces.
package enum SecureRandom {
  /// `count` random bytes (0 or more).
  package static func bytes(_ count: Int) -> [UInt8] {
    precondition(count >= 0 && count <= Int(Int32.max), "an impossible number of random bytes")
    return [UInt8](unsafeUninitializedCapacity: count) { output, initialized in
      let status = count == 0 ? 1 : RAND_bytes(output.baseAddress, Int32(count))
      precondition(status == 1, "the machine's random source failed")
      initialized = count
    }
  }

  /// A secret of `bytes` random bytes as text of `A-Z a-z 0-9 - _` (4 characters for 3 bytes).
  package static func token(bytes count: Int = 32) -> String {
    Base64URL.encode(bytes(count))
  }
}

/// Whether two byte strings are equal, in a time that depends on their lengths alone.
package func constantTimeEquals(_ left: some Collection<UInt8>, _ right: some Collection<UInt8>)
  -> Bool
{
  left.withContiguousBytes { left in
    right.withContiguousBytes { right in
      guard left.count == right.count else { return false }
      guard let leftStart = left.baseAddress, let rightStart = right.baseAddress else {
        return true
      }
      return CRYPTO_memcmp(leftStart, rightStart, left.count) == 0
    }
  }
}
