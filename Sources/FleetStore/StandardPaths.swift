import Fleet
import Foundation

/// What the standard data models say about a parameter.
package enum StandardModel {
  /// - Parameter path: full, with instance numbers.
  /// - Returns: nil where no standard model has the path.
  package static func type(of path: String) -> ParameterType? {
    guard !path.hasSuffix("."), let place = StandardPaths.edition1.place(of: path) else {
      return nil
    }
    return StandardPaths.edition1.expectation(of: place.template).type
  }
}

/// The paths of the standard data models, by which the stored form of a tree names its parameters in a byte or two.
///
/// A path is a template, such as `Device.WiFi.SSID.{i}.Enable`, and the instance numbers in it. Immutable once made.
final class StandardPaths: Sendable {
  /// A path taken apart.
  struct Place: Equatable {
    /// The position of the template in the sorted list.
    var template: Int
    var instances: [UInt32]
  }

  static let edition1 = StandardPaths(
    packed: StandardPathsEdition1.paths, words: StandardPathsEdition1.words)

  /// The templates one after the other.
  private let text: [UInt8]
  /// Where each template begins, and after the last one the end of the text.
  private let starts: [Int32]
  private let attributes: [UInt8]
  private let byHash: [UInt64: Int32]
  /// What values are likely to be, for the compression of values.
  let words: ChunkDictionary

  /// - Parameter packed: as Tools/make-standard-paths writes it.
  private init(packed: String, words: String) {
    let coded =
      Data(base64Encoded: packed).flatMap { try? Compressor().expand([UInt8]($0), dictionary: nil) }
      ?? []
    var text: [UInt8] = []
    var starts: [Int32] = [0]
    var attributes: [UInt8] = []
    var byHash: [UInt64: Int32] = [:]
    var path: [UInt8] = []
    var index = 0
    while index + 2 < coded.count {
      attributes.append(coded[index])
      path.removeSubrange(min(Int(coded[index + 1]), path.count)...)
      index += 2
      while index < coded.count, coded[index] != 0 {
        path.append(coded[index])
        index += 1
      }
      index += 1
      var hash = PathHash()
      for byte in path { hash.add(byte) }
      byHash[hash.value] = Int32(attributes.count - 1)
      text += path
      starts.append(Int32(text.count))
    }
    self.text = text
    self.starts = starts
    self.attributes = attributes
    self.byHash = byHash
    self.words = ChunkDictionary([UInt8](Data(base64Encoded: words) ?? Data()))
  }

  var count: Int { attributes.count }

  /// - Returns: nil where the path is in no standard model, or has an instance number that can't be told from its text again.
  func place(of path: String) -> Place? {
    var path = path
    return path.withUTF8 { bytes in
      var instances: [UInt32] = []
      var hash = PathHash()
      let isPath = Self.scan(bytes) { piece in
        switch piece {
        case .byte(UInt8(ascii: "{")):
          // It stands for an instance number in templates and in no path.
          return false
        case .byte(let byte):
          hash.add(byte)
        case .instance(let number):
          instances.append(number)
          hash.addPlaceholder()
        }
        return true
      }
      guard isPath, let template = byHash[hash.value] else { return nil }
      // Two texts with the same hash are told apart by their bytes.
      var position = Int(starts[Int(template)])
      let end = Int(starts[Int(template) + 1])
      let isSame = Self.scan(bytes) { piece in
        switch piece {
        case .byte(let byte):
          guard position < end, text[position] == byte else { return false }
          position += 1
        case .instance:
          guard position + 3 <= end, text[position] == UInt8(ascii: "{") else { return false }
          position += 3
        }
        return true
      }
      return isSame && position == end ? Place(template: Int(template), instances: instances) : nil
    }
  }

  /// Appends the text of a path.
  /// - Returns: false where the template has more placeholders than there are instances, or fewer.
  func append(_ place: Place, to path: inout [UInt8]) -> Bool {
    var position = Int(starts[place.template])
    let end = Int(starts[place.template + 1])
    var used = 0
    while position < end {
      if text[position] == UInt8(ascii: "{") {
        guard used < place.instances.count else { return false }
        path.append(contentsOf: String(place.instances[used]).utf8)
        used += 1
        position += 3
      } else {
        path.append(text[position])
        position += 1
      }
    }
    return used == place.instances.count
  }

  /// The number of instance numbers in paths of a template.
  func instanceCount(of template: Int) -> Int {
    text[Int(starts[template])..<Int(starts[template + 1])].count { $0 == UInt8(ascii: "{") }
  }

  /// What the model says about a template: the type, and whether it can be written.
  func expectation(of template: Int) -> (type: ParameterType, isWritable: Bool) {
    let byte = attributes[template]
    let types = ParameterType.allCases
    return (types[min(Int(byte & 0x0f), types.count - 1)], byte & 0x10 != 0)
  }

  private enum Piece {
    case byte(UInt8)
    case instance(UInt32)
  }

  /// Goes through a path, with whole segments of digits as instance numbers.
  /// - Returns: false where the visitor stopped.
  @discardableResult
  private static func scan(
    _ bytes: UnsafeBufferPointer<UInt8>, _ visit: (Piece) -> Bool
  ) -> Bool {
    let dot = UInt8(ascii: ".")
    var index = 0
    while index < bytes.count {
      var end = index
      var number: UInt64 = 0
      while end < bytes.count, end - index < 10, case let digit = bytes[end] &- UInt8(ascii: "0"),
        digit < 10
      {
        number = number * 10 + UInt64(digit)
        end += 1
      }
      // A leading zero would not come back.
      let isInstance =
        end > index && (end == bytes.count || bytes[end] == dot) && number <= UInt64(UInt32.max)
        && (end == index + 1 || bytes[index] != UInt8(ascii: "0"))
      if isInstance {
        guard visit(.instance(UInt32(number))) else { return false }
        index = end
      }
      while index < bytes.count, bytes[index] != dot {
        guard visit(.byte(bytes[index])) else { return false }
        index += 1
      }
      if index < bytes.count {
        guard visit(.byte(dot)) else { return false }
        index += 1
      }
    }
    return true
  }
}

/// A hash of a template's bytes (FNV-1a, 64 bits); not for anything that has to withstand an attack.
private struct PathHash {
  var value: UInt64 = 14_695_981_039_346_656_037

  mutating func add(_ byte: UInt8) {
    value = (value ^ UInt64(byte)) &* 1_099_511_628_211
  }

  mutating func addPlaceholder() {
    add(UInt8(ascii: "{"))
    add(UInt8(ascii: "i"))
    add(UInt8(ascii: "}"))
  }
}
