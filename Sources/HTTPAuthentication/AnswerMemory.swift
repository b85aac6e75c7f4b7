/// Remembers which answers to Digest challenges have been taken, so that none is taken twice.
///
/// What makes two answers the same is nonce, nc and cnonce together: clients in the field send nc=00000001 for ever with a new
/// cnonce, so nc need not grow. A client that leaves all three of qop, nc and cnonce out gives one answer a nonce and method, so
/// that a nonce lets such a client in once.
///
/// Memory is bounded. Where more answers come within a nonce's lifetime than are remembered, the older half is forgotten, and the
/// nonces to which they belonged count as stale from then on: what is forgotten can't be used again either.
package struct AnswerMemory: Sendable {
  package enum Verdict: Sendable, Equatable {
    case first
    case again
    /// The nonce is so old that its answers are forgotten.
    case forgotten
  }

  /// Answers that came in one stretch of time.
  private struct Generation: Sendable {
    /// Hashed with the key that the process chose at its start. Two answers with one hash cost a client a further challenge, no more.
    var answers: Set<Int> = []
    var began: Int64
    /// When the newest of their nonces was made.
    var newestNonce = Int64.min
  }

  private let lifetime: Int64
  private let capacity: Int
  private var current: Generation
  private var previous: Generation
  /// Nonces made then or earlier may have been forgotten.
  private var floor = Int64.min

  /// - Parameters:
  ///   - lifetime: seconds for which a nonce is good, tolerance of clocks included.
  ///   - capacity: answers that are remembered at the most; 16 bytes each, roughly.
  package init(lifetime: Int64, capacity: Int) {
    self.lifetime = lifetime
    self.capacity = max(2, capacity)
    current = Generation(began: .min)
    previous = Generation(began: .min)
  }

  /// How many answers are remembered.
  package var count: Int { current.answers.count + previous.answers.count }

  /// Notes that an answer has been taken. Call it for answers that are right only, or strangers fill the memory.
  ///
  /// - Parameters:
  ///   - issued: when the nonce was made, in seconds since 1970, as ``NonceIssuer`` tells it.
  ///   - now: seconds since 1970.
  package mutating func take(_ credentials: DigestCredentials, issued: Int64, now: Int64) -> Verdict
  {
    turn(now: now)
    guard issued > floor else { return .forgotten }
    var hasher = Hasher()
    hasher.combine(credentials.nonce.lowercased())
    hasher.combine(credentials.qop == nil ? nil : credentials.nonceCount)
    // Only what the response covers; anything else could be varied by whoever has captured it.
    hasher.combine(
      credentials.qop != nil || credentials.algorithm.isSession ? credentials.cnonce : nil)
    let answer = hasher.finalize()
    guard !previous.answers.contains(answer), current.answers.insert(answer).inserted else {
      return .again
    }
    current.newestNonce = max(current.newestNonce, issued)
    return .first
  }

  private mutating func turn(now: Int64) {
    if current.began == .min { current.began = now }
    if now - current.began >= lifetime {
      // All nonces of the generation before this one are past their lifetime.
      previous = now - current.began < 2 * lifetime ? current : Generation(began: now)
      current = Generation(began: now)
    } else if current.answers.count >= capacity / 2 {
      floor = max(floor, previous.newestNonce)
      previous = current
      current = Generation(began: now)
    }
  }
}
