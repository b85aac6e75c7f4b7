import XML

/// Writes envelopes in the form that most devices understand (TR-069 Amendment 6, 3.5).
package struct EnvelopeEncoder: Sendable {
  /// What differs between devices that are particular.
  package struct Style: Sendable, Equatable {
    package enum Booleans: Sendable, Equatable {
      /// `1` and `0`, which every known device reads.
      case digits
      /// `true` and `false`.
      case words
    }

    /// Whether `<?xml …?>` leads; some devices cannot read it, none is known to need it.
    package var xmlDeclaration: Bool
    package var booleans: Booleans

    package init(xmlDeclaration: Bool = false, booleans: Booleans = .digits) {
      self.xmlDeclaration = xmlDeclaration
      self.booleans = booleans
    }
  }

  package var style: Style

  package init(style: Style = Style()) {
    self.style = style
  }
}
