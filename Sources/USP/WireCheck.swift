/// Walks over the bytes of a Record or a message once, before they are read.
struct WireCheck {
  /// The bytes are no protobuf.
  struct Malformed: Error {
    var text: String
  }

  /// The first thing that the standard forbids; the bytes can be read all the same.
  enum Problem: Equatable {
    /// A `oneof` with no member that is known (R-ENC.3).
    case noMember(of: WireShape)
    /// A `oneof` with several.
    case severalMembers(of: WireShape)
    case unknownEnumeration(UInt64, field: UInt64)
    case tooManyItems
  }

  private(set) var problem: Problem?
  /// Where the message ID stands.
  private(set) var messageID: Range<Int>?
  /// Whether there is a request in the body.
  private(set) var holdsRequest = false
  /// Whether a text has U+0000 in it, which databases don't take.
  private(set) var holdsNull = false
  private var itemsLeft: Int

  init(items: Int) { itemsLeft = items }

  mutating func walk(_ bytes: Span<UInt8>, as shape: WireShape) throws(Malformed) {
    try walk(bytes, 0, bytes.count, shape)
  }

  // As deep as the schema, which has no circles: what is unknown is not entered.
  private mutating func walk(_ bytes: Span<UInt8>, _ start: Int, _ end: Int, _ shape: WireShape)
    throws(Malformed)
  {
    var position = start
    var members = 0
    while position < end {
      let key = try Self.number(bytes, &position, end)
      let number = key >> 3
      guard number > 0, number < 1 << 29 else {
        throw Malformed(text: "no field has such a number")
      }
      switch key & 7 {
      case 0:
        let value = try Self.number(bytes, &position, end)
        if case .enumeration(let last) = shape.field(number), value > last {
          found(.unknownEnumeration(value, field: number))
        }
      case 1: try Self.skip(8, &position, end)
      case 5: try Self.skip(4, &position, end)
      case 2:
        let count = try Self.number(bytes, &position, end)
        guard count <= UInt64(end - position) else {
          throw Malformed(text: "a field is longer than what holds it")
        }
        let next = position + Int(count)
        switch shape.field(number) {
        case .unknown, .enumeration:
          if shape == .header, number == 1 { messageID = position..<next }
          lookForNull(bytes, position, next)
        case .item:
          takeItem()
          lookForNull(bytes, position, next)
        case .items(let inner):
          takeItem()
          try walk(bytes, position, next, inner)
        case .one(let inner): try walk(bytes, position, next, inner)
        case .plainMember:
          members += 1
          lookForNull(bytes, position, next)
        case .member(let inner):
          members += 1
          if inner == .request { holdsRequest = true }
          try walk(bytes, position, next, inner)
        }
        position = next
      // Groups left the language before USP came.
      default: throw Malformed(text: "a field of an unknown wire type")
      }
      if itemsLeft < 0 {
        problem = .tooManyItems
        return
      }
    }
    if members != 1, shape.isChoice {
      found(members == 0 ? .noMember(of: shape) : .severalMembers(of: shape))
    }
  }

  private mutating func lookForNull(_ bytes: Span<UInt8>, _ start: Int, _ end: Int) {
    guard !holdsNull else { return }
    for index in start..<end where bytes[index] == 0 {
      holdsNull = true
      return
    }
  }

  private mutating func takeItem() { itemsLeft -= 1 }

  private mutating func found(_ problem: Problem) {
    switch self.problem {
    // What is wrong with a choice weighs more: nothing is answered to a Record of several kinds (R-ENC.4).
    case nil, .unknownEnumeration: self.problem = problem
    case .noMember, .severalMembers, .tooManyItems: break
    }
  }

  private static func skip(_ count: Int, _ position: inout Int, _ end: Int) throws(Malformed) {
    guard count <= end - position else { throw Malformed(text: "a number is cut off") }
    position += count
  }

  private static func number(_ bytes: Span<UInt8>, _ position: inout Int, _ end: Int)
    throws(Malformed) -> UInt64
  {
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while position < end {
      let byte = bytes[position]
      position += 1
      guard shift < 63 || byte <= 1 else { throw Malformed(text: "a number of more than 64 bits") }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw Malformed(text: "a number is cut off")
  }
}
