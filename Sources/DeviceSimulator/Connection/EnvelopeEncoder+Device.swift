import CWMP

extension EnvelopeEncoder {
  /// The style of a simulated device: as most real ones write.
  static let device = EnvelopeEncoder(style: Style(xmlDeclaration: true, booleans: .words))
}
