/// From whom and to whom a Record is, read without the rest: what came through a broker belongs to a link by its sender.
struct BrokerRecord: Equatable {
  var sender: String
  var recipient: String

  /// The longest text that is taken for an endpoint ID.
  private static let maximumLength = 256
  private static let recipientField: UInt64 = 2
  private static let senderField: UInt64 = 3

  /// nil where the bytes are no Record (TR-369, usp-record), or one of the two is missing.
  init?(_ bytes: [UInt8]) {
    var sender: String?
    var recipient: String?
    var rest = bytes[...]
    while !rest.isEmpty {
      guard let tag = Self.varint(&rest), tag >> 3 != 0 else { return nil }
      switch tag & 7 {
      case 0: guard Self.varint(&rest) != nil else { return nil }
      case 1: guard Self.skip(8, &rest) else { return nil }
      case 5: guard Self.skip(4, &rest) else { return nil }
      case 2:
        guard let length = Self.varint(&rest), length <= UInt64(rest.count) else { return nil }
        let content = rest.prefix(Int(length))
        rest = rest.dropFirst(Int(length))
        guard tag >> 3 == Self.senderField || tag >> 3 == Self.recipientField else { continue }
        guard content.count <= Self.maximumLength,
          let text = String(validating: content, as: UTF8.self)
        else { return nil }
        // The last one counts, as in all of Protocol Buffers.
        if tag >> 3 == Self.senderField { sender = text } else { recipient = text }
      default: return nil
      }
    }
    guard let sender, !sender.isEmpty, let recipient, !recipient.isEmpty else { return nil }
    self.sender = sender
    self.recipient = recipient
  }

  private static func skip(_ count: Int, _ rest: inout ArraySlice<UInt8>) -> Bool {
    guard rest.count >= count else { return false }
    rest = rest.dropFirst(count)
    return true
  }

  private static func varint(_ rest: inout ArraySlice<UInt8>) -> UInt64? {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while let byte = rest.popFirst() {
      guard shift < 64 else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    return nil
  }
}
