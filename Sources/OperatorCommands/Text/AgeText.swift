/// Lengths of time for people: one or two units, as exact as one wants to read.
package enum AgeText {
  /// The time from `moment` to `now`, both in seconds since 1970; `never` for no moment, `in …` for the future.
  package static func since(_ moment: Double?, now: Double) -> String {
    guard let moment, moment.isFinite else { return "never" }
    let age = now - moment
    return age < -1 ? "in " + length(-age) : length(max(0, age))
  }

  /// A length in seconds (0 or more).
  package static func length(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e11 else { return "∞" }
    let total = Int(seconds)
    switch total {
    case ..<120: return "\(total)s"
    case ..<600: return pair(total, 60, "m", 1, "s")
    case ..<10_800: return "\(total / 60)m"
    case ..<28_800: return pair(total, 3600, "h", 60, "m")
    case ..<172_800: return "\(total / 3600)h"
    case ..<691_200: return pair(total, 86_400, "d", 3600, "h")
    case ..<63_072_000: return "\(total / 86_400)d"
    default: return pair(total, 31_536_000, "y", 86_400, "d")
    }
  }

  private static func pair(
    _ total: Int, _ large: Int, _ largeName: String, _ small: Int, _ smallName: String
  ) -> String {
    let rest = total % large / small
    return "\(total / large)\(largeName)" + (rest == 0 ? "" : "\(rest)\(smallName)")
  }
}

/// Numbers of bytes for people.
package enum SizeText {
  package static func bytes(_ count: Int64) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var value = Double(count)
    var unit = "B"
    for next in ["KiB", "MiB", "GiB", "TiB"] where value >= 1024 {
      value /= 1024
      unit = next
    }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
