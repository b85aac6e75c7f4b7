extension EnvelopeEncoder {
  /// What differs between devices that are particular; a few bytes, so that each session can have its own.
  package struct Style: Sendable, Hashable {
    /// How Booleans are written: the arguments of methods and values of type boolean.
    package enum Booleans: String, Sendable, CaseIterable {
      /// `1` and `0`, which every known device reads.
      case digits
      /// `true` and `false`.
      case words
    }

    /// What becomes of the fraction of a second in values of type dateTime.
    package enum DateTimes: String, Sendable, CaseIterable {
      /// It stays as whoever ordered the value wrote it.
      case asWritten
      /// It is left out; some devices refuse it.
      case withoutFraction
      /// It is written with three digits.
      case milliseconds
    }

    /// Whether `<?xml …?>` leads; some devices cannot read it, none is known to need it.
    package var xmlDeclaration: Bool
    package var booleans: Booleans
    package var dateTimes: DateTimes

    package init(
      xmlDeclaration: Bool = false, booleans: Booleans = .digits,
      dateTimes: DateTimes = .asWritten
    ) {
      self.xmlDeclaration = xmlDeclaration
      self.booleans = booleans
      self.dateTimes = dateTimes
    }
  }
}
