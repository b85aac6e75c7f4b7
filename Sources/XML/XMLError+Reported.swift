import CLibXML2

extension XMLError {
  private static let messageLength = 200

  /// What libxml2 reports, in this module's words.
  init(reported error: xmlError) {
    let code: Code =
      switch xmlParserErrors(UInt32(bitPattern: error.code)) {
      case XML_ERR_INVALID_CHAR, XML_ERR_INVALID_CHARREF: .forbiddenCharacter
      case XML_ERR_INVALID_ENCODING, XML_ERR_UNSUPPORTED_ENCODING, XML_ERR_UNKNOWN_ENCODING,
        XML_I18N_CONV_FAILED, XML_I18N_NO_HANDLER:
        .encoding
      case XML_ERR_UNDECLARED_ENTITY, XML_WAR_UNDECLARED_ENTITY: .undeclaredEntity
      case XML_ERR_DOCUMENT_EMPTY, XML_ERR_TAG_NOT_FINISHED, XML_ERR_CDATA_NOT_FINISHED,
        XML_ERR_COMMENT_NOT_FINISHED:
        .incomplete
      case XML_ERR_NAME_TOO_LONG: .limit(.nameLength)
      case XML_ERR_NO_MEMORY: .limit(.memory)
      default: .malformed
      }
    var bytes: [UInt8] = []
    if let message = error.message {
      let text = UnsafeRawPointer(message).assumingMemoryBound(to: UInt8.self)
      for byte in terminated(text).prefix(Self.messageLength) {
        bytes.append(byte < 0x20 || byte == 0x7F ? 0x20 : byte)
      }
    }
    while bytes.last == 0x20 { bytes.removeLast() }
    self.init(
      code: code, line: Int(error.line), column: Int(error.int2),
      message: String(decoding: bytes, as: UTF8.self))
  }
}
