/// Writes envelopes in the form that most devices understand (TR-069 Amendment 6, 3.5).
///
/// It holds nothing but its style: make one for each session, or for each envelope.
package struct EnvelopeEncoder: Sendable {
  package var style: Style

  package init(style: Style = Style()) {
    self.style = style
  }
}
