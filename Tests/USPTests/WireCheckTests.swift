import Testing

@testable import USP

/// What is looked at before a message is read, against the schema: each list, each choice and each enumeration in it.
@Suite struct WireCheckTests {
  /// A message of the schema, and how it is reached.
  private struct Place {
    var message: String
    var fields: [Schema.Field]
    /// From the outermost inwards.
    var way: [Schema.Field] = []

    var items: Int { way.count { $0.isRepeated } }
    var name: String { (way.map(\.name) + [message]).joined(separator: " / ") }

    /// The outermost message, with these bytes in the innermost.
    func holding(_ bytes: [UInt8]) -> [UInt8] {
      way.reversed().reduce(bytes) { WireCheckTests.field($1.number, $0) }
    }
  }

  private static let roots: [(file: String, message: String, shape: WireShape)] = [
    ("usp-record.proto", "Record", .record), ("usp-message.proto", "Msg", .message),
  ]

  private static func field(_ number: UInt64, _ content: [UInt8]) -> [UInt8] {
    varint(number << 3 | 2) + varint(UInt64(content.count)) + content
  }

  private static func varint(_ value: UInt64) -> [UInt8] {
    value < 0x80 ? [UInt8(value)] : [UInt8(value & 0x7F) | 0x80] + varint(value >> 7)
  }

  private static func problem(_ bytes: [UInt8], _ shape: WireShape, items: Int) throws
    -> WireCheck.Problem?
  {
    var check = WireCheck(items: items)
    try check.walk(bytes.span, as: shape)
    return check.problem
  }

  /// Every message of a schema.
  private static func places(_ schema: Schema, from root: String) -> [Place] {
    var places: [Place] = []
    var next = [Place(message: root, fields: schema.messages[root] ?? [])]
    while let place = next.popLast() {
      places.append(place)
      for field in place.fields {
        guard case .message(let name) = field.kind else { continue }
        next.append(
          Place(message: name, fields: schema.messages[name] ?? [], way: place.way + [field]))
      }
    }
    return places
  }

  private func withPlaces(_ body: (Place, Schema, WireShape) throws -> Void) throws -> Int {
    var count = 0
    for root in Self.roots {
      let schema = try Schema(root.file)
      for place in Self.places(schema, from: root.message) {
        try body(place, schema, root.shape)
        count += 1
      }
    }
    return count
  }

  @Test func everyListCounts() throws {
    var lists = 0
    let messages = try withPlaces { place, _, shape in
      for field in place.fields where field.isRepeated {
        lists += 1
        let bytes = place.holding(Self.field(field.number, []))
        let what: Comment = "\(place.name), \(field.name)"
        let tight = try Self.problem(bytes, shape, items: place.items)
        #expect(tight == .tooManyItems, what)
        let enough = try Self.problem(bytes, shape, items: place.items + 1)
        #expect(enough != .tooManyItems, what)
      }
    }
    #expect(messages > 60)
    #expect(lists > 45)
  }

  @Test func everyChoiceHasOneMember() throws {
    var choices = 0
    _ = try withPlaces { place, schema, shape in
      let members = place.fields.filter(\.isMember)
      let isLeft = Self.isNoMember(try Self.problem(place.holding([]), shape, items: 100))
      #expect(isLeft == !members.isEmpty, "\(place.name)")
      guard !members.isEmpty else { return }
      choices += 1
      // In the members themselves nothing is left open.
      let plain = members.filter { member in
        guard case .message(let name) = member.kind else { return true }
        return !(schema.messages[name] ?? []).contains(where: \.isMember)
      }
      for member in plain {
        let one = Self.field(member.number, [])
        let what: Comment = "\(place.name), \(member.name)"
        let alone = try Self.problem(place.holding(one), shape, items: 100)
        #expect(alone == nil, what)
        let two = try Self.problem(place.holding(one + one), shape, items: 100)
        #expect(Self.isSeveral(two), what)
      }
      #expect(!plain.isEmpty)
    }
    // Of Record, Body, Request, Response, Notify, OperationComplete, OperationResult, and five kinds of OperationStatus.
    #expect(choices == 12)
  }

  private static func isNoMember(_ problem: WireCheck.Problem?) -> Bool {
    if case .noMember = problem { true } else { false }
  }

  private static func isSeveral(_ problem: WireCheck.Problem?) -> Bool {
    if case .severalMembers = problem { true } else { false }
  }

  @Test func everyEnumerationHasItsEnd() throws {
    var enumerations = 0
    _ = try withPlaces { place, _, shape in
      for field in place.fields {
        guard case .enumeration(let last) = field.kind else { continue }
        enumerations += 1
        func found(_ value: UInt64) throws -> WireCheck.Problem? {
          // The innermost problem is the first, unless a choice is left open around it.
          try Self.problem(
            place.holding(Self.varint(field.number << 3) + Self.varint(value)), shape, items: 100)
        }
        let what: Comment = "\(place.name), \(field.name)"
        let unknown = WireCheck.Problem.unknownEnumeration(last + 1, field: field.number)
        // The body tells the type, whatever stands in the header.
        let isChecked = field.name != "msg_type"
        let isChoice = place.fields.contains(where: \.isMember)
        let known = try found(last)
        #expect(known != .unknownEnumeration(last, field: field.number), what)
        let next = try found(last + 1)
        if !isChoice { #expect((next == unknown) == isChecked, what) }
      }
    }
    #expect(enumerations == 11)
  }
}
