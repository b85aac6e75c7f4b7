import Fleet

/// The stored form of a sorted run of parameters.
///
/// Columns compress better than rows: the paths, then the attributes, the times as differences, and the values. A path of a standard
/// model is the distance of its template from the one before and its instance numbers; any other path is front-coded text.
/// Attributes are told by how they differ from what the model says, so that most are zero. zstd packs the whole, with the words of
/// the standard models as its dictionary.
struct TreeCodec {
  /// The number of the format, as `device_chunk.codec` holds it. A number that has been released keeps its meaning for ever.
  enum Codec: Int16 {
    /// With the first edition of the standard paths and words.
    case standardPaths1 = 1
  }

  static let current = Codec.standardPaths1
  /// More parameters than this are in no chunk; a stored count above it is damage.
  static let maxParameters = 1 << 20

  private let compressor = Compressor()
  private let standard = StandardPaths.edition1

  /// How values follow each other in a chunk.
  private enum ValueForm: UInt8 {
    /// Each ended by a zero byte: matches whole words of the dictionary.
    case terminated = 0
    /// All lengths first: for values that have zero bytes in them.
    case counted = 1
  }

  // MARK: - Encoding

  /// The columns of a chunk while it is made.
  private struct Columns {
    var templates: [UInt8] = []
    var instances: [UInt8] = []
    var literals: [UInt8] = []
    var attributes: [UInt8] = []
    var notifications: [UInt8] = []
    var times: [UInt8] = []
    var values: [UInt8] = []
  }

  func encode(_ parameters: ArraySlice<StoredParameter>) throws(TreeCodecError) -> [UInt8] {
    var columns = Columns()
    columns.templates.reserveCapacity(parameters.count + 16)
    columns.attributes.reserveCapacity(parameters.count)
    columns.values.reserveCapacity(parameters.count * 12)
    var previous = PathState()
    var time: Int64 = 0
    for parameter in parameters {
      let place = standard.place(of: parameter.path)
      append(parameter.path, place, after: &previous, to: &columns)
      let expected = expectation(of: parameter.path, place)
      columns.attributes.append(Self.attributes(of: parameter) ^ expected)
      if let notification = parameter.notification { columns.notifications.append(notification) }
      columns.times.append(signed: parameter.changedAt &- time)
      time = parameter.changedAt
    }
    let form = appendValues(of: parameters, to: &columns)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(
      columns.templates.count + columns.instances.count + columns.literals.count
        + 2 * columns.attributes.count + columns.values.count + 32)
    bytes.append(unsigned: UInt64(parameters.count))
    bytes.append(form.rawValue)
    bytes += columns.templates
    bytes += columns.instances
    bytes += columns.literals
    bytes += columns.attributes
    bytes += columns.notifications
    bytes += columns.times
    bytes += columns.values
    // What could not be read back is not written.
    guard bytes.count <= Compressor.maxExpandedSize else { throw .tooLarge }
    return try compressor.compress(bytes, dictionary: standard.words)
  }

  /// What a path is told relative to.
  private struct PathState {
    var template = 0
    var instances: [UInt32] = []
    var literal = ""
  }

  private func append(
    _ path: String, _ place: StandardPaths.Place?, after previous: inout PathState,
    to columns: inout Columns
  ) {
    guard let place else {
      columns.templates.append(0)
      let shared = sharedPrefixLength(previous.literal, path)
      columns.literals.append(unsigned: UInt64(shared))
      columns.literals.append(unsigned: UInt64(path.utf8.count - shared))
      columns.literals.append(contentsOf: path.utf8.dropFirst(shared))
      previous.literal = path
      return
    }
    let distance = Int64(place.template - previous.template)
    // Zero says that a literal follows.
    columns.templates.append(
      unsigned: 1 + UInt64(bitPattern: (distance << 1) ^ (distance >> 63)))
    for (index, instance) in place.instances.enumerated() {
      let before = index < previous.instances.count ? previous.instances[index] : 0
      columns.instances.append(signed: Int64(instance) - Int64(before))
    }
    previous.template = place.template
    previous.instances = place.instances
  }

  private func appendValues(
    of parameters: ArraySlice<StoredParameter>, to columns: inout Columns
  ) -> ValueForm {
    for parameter in parameters {
      guard let value = parameter.value else { continue }
      guard !value.utf8.contains(0) else {
        appendCounted(parameters, to: &columns)
        return .counted
      }
      columns.values.append(contentsOf: value.utf8)
      columns.values.append(0)
    }
    return .terminated
  }

  private func appendCounted(_ parameters: ArraySlice<StoredParameter>, to columns: inout Columns) {
    columns.values = []
    for case let value? in parameters.lazy.map(\.value) {
      columns.values.append(unsigned: UInt64(value.utf8.count))
    }
    for case let value? in parameters.lazy.map(\.value) {
      columns.values.append(contentsOf: value.utf8)
    }
  }

  private static let hasValue: UInt8 = 0x10
  private static let hasNotification: UInt8 = 0x20
  private static let knowsAccess: UInt8 = 0x40
  private static let isWritable: UInt8 = 0x80

  private static func attributes(of parameter: StoredParameter) -> UInt8 {
    var byte = UInt8(ParameterType.allCases.firstIndex(of: parameter.type) ?? 0)
    if parameter.value != nil { byte |= hasValue }
    if parameter.notification != nil { byte |= hasNotification }
    if let writable = parameter.writable { byte |= knowsAccess | (writable ? isWritable : 0) }
    return byte
  }

  /// The attributes that a parameter has if the device does as the model says.
  private func expectation(of path: String, _ place: StandardPaths.Place?) -> UInt8 {
    var byte = Self.knowsAccess
    if path.utf8.last != UInt8(ascii: ".") { byte |= Self.hasValue }
    guard let place else { return byte }
    let expected = standard.expectation(of: place.template)
    byte |= UInt8(ParameterType.allCases.firstIndex(of: expected.type) ?? 0)
    return expected.isWritable ? byte | Self.isWritable : byte
  }

  // MARK: - Decoding

  func decode(_ data: [UInt8], codec: Int16) throws(TreeCodecError) -> [StoredParameter] {
    guard Codec(rawValue: codec) != nil else { throw .unknownCodec(codec) }
    var reader = ByteReader(try compressor.expand(data, dictionary: standard.words))
    let count = try reader.count(atMost: min(Self.maxParameters, reader.count))
    guard let form = ValueForm(rawValue: try reader.byte()) else { throw .malformed }

    let places = try decodePlaces(count: count, from: &reader)
    let paths = try decodePaths(places, from: &reader)
    var attributes: [UInt8] = []
    attributes.reserveCapacity(count)
    for index in 0..<count {
      attributes.append(try reader.byte() ^ expectation(of: paths[index], places[index]))
    }
    let types = ParameterType.allCases
    var result: [StoredParameter] = []
    result.reserveCapacity(count)
    for index in 0..<count {
      let bits = attributes[index]
      guard Int(bits & 0x0f) < types.count else { throw .malformed }
      result.append(
        StoredParameter(
          path: paths[index], type: types[Int(bits & 0x0f)],
          writable: bits & Self.knowsAccess == 0 ? nil : bits & Self.isWritable != 0,
          notification: bits & Self.hasNotification == 0 ? nil : try reader.byte(), changedAt: 0))
    }
    var time: Int64 = 0
    for index in 0..<count {
      time &+= try reader.signed()
      result[index].changedAt = time
    }
    let valued = (0..<count).filter { attributes[$0] & Self.hasValue != 0 }
    switch form {
    case .terminated:
      for index in valued { result[index].value = try reader.terminatedString() }
    case .counted:
      var lengths: [Int] = []
      for _ in valued { lengths.append(try reader.count(atMost: reader.count)) }
      for (index, length) in zip(valued, lengths) {
        result[index].value = try reader.string(length)
      }
    }
    return result
  }

  /// The places of the paths; nil where the path is a literal.
  private func decodePlaces(count: Int, from reader: inout ByteReader) throws(TreeCodecError)
    -> [StandardPaths.Place?]
  {
    var places: [StandardPaths.Place?] = []
    places.reserveCapacity(count)
    var template: Int64 = 0
    for _ in 0..<count {
      let code = try reader.unsigned()
      guard code > 0 else {
        places.append(nil)
        continue
      }
      let raw = code - 1
      template &+= Int64(bitPattern: raw >> 1) ^ -Int64(bitPattern: raw & 1)
      guard template >= 0, template < Int64(standard.count) else { throw .malformed }
      places.append(StandardPaths.Place(template: Int(template), instances: []))
    }
    var previous: [UInt32] = []
    for index in 0..<count {
      guard let template = places[index]?.template else { continue }
      var instances: [UInt32] = []
      for position in 0..<standard.instanceCount(of: template) {
        let before = position < previous.count ? Int64(previous[position]) : 0
        guard let number = UInt32(exactly: before &+ (try reader.signed())) else {
          throw .malformed
        }
        instances.append(number)
      }
      places[index]?.instances = instances
      previous = instances
    }
    return places
  }

  private func decodePaths(
    _ places: [StandardPaths.Place?], from reader: inout ByteReader
  ) throws(TreeCodecError) -> [String] {
    var paths: [String] = []
    paths.reserveCapacity(places.count)
    var literal: [UInt8] = []
    var path: [UInt8] = []
    for place in places {
      if let place {
        path.removeAll(keepingCapacity: true)
        guard standard.append(place, to: &path) else { throw .malformed }
        paths.append(String(decoding: path, as: UTF8.self))
      } else {
        literal.removeSubrange(try reader.count(atMost: literal.count)...)
        try reader.append(try reader.count(atMost: reader.count), to: &literal)
        paths.append(String(decoding: literal, as: UTF8.self))
      }
    }
    return paths
  }
}

/// How many bytes two paths have in common at their start.
func sharedPrefixLength(_ one: String, _ other: String) -> Int {
  var one = one
  var other = other
  return one.withUTF8 { first in
    other.withUTF8 { second in
      let limit = min(first.count, second.count)
      var index = 0
      while index < limit, first[index] == second[index] { index += 1 }
      return index
    }
  }
}
