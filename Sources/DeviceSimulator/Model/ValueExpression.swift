/// A parameter's value as a model writes it: text with placeholders such as `${serial}` or `${counter 40}`.
package struct ValueExpression: Sendable, Equatable {
  enum Segment: Sendable, Equatable {
    case literal(String)
    case manufacturer
    case oui
    case productClass
    case serial
    case acsURL
    case username
    case connectionRequestURL
    case periodicInformInterval
    /// The device's base address plus a number, plus the instance number where asked for.
    case macAddress(offset: UInt64, addsInstance: Bool)
    /// The instance number at a level counted from 1; 0 stands for the innermost.
    case instance(level: Int)
    /// The same number at each reading, another one in each device and place.
    case random(ClosedRange<Int64>)
    /// Another number every second.
    case noise(ClosedRange<Int64>)
    /// Grows by about so much a second of uptime.
    case counter(perSecond: UInt64)
    case uptime
    case now
    case address(network: UInt32, prefix: Int)
    case hexadecimal(digits: Int)
    /// How many instances the table has that the parameter's name speaks of.
    case entries
  }

  let segments: [Segment]

  /// What a rendering is made from.
  struct Scope {
    var context: DeviceContext
    var time: ReadingTime
    var path: String
    var instances: [UInt32]
    /// Answers `${entries}`.
    var entries: () -> Int
  }

  /// A text without placeholders.
  init(literal: String) {
    segments = literal.isEmpty ? [] : [.literal(literal)]
  }

  /// Reads a text with placeholders; the thrown text says what is wrong with it.
  init(parsing text: String) throws(ValueExpressionProblem) {
    var segments: [Segment] = []
    var rest = text[...]
    while let start = rest.range(of: "${") {
      if start.lowerBound > rest.startIndex {
        segments.append(.literal(String(rest[..<start.lowerBound])))
      }
      guard let end = rest[start.upperBound...].firstIndex(of: "}") else {
        throw ValueExpressionProblem("\"${\" without \"}\"")
      }
      segments.append(try Self.placeholder(String(rest[start.upperBound..<end])))
      rest = rest[rest.index(after: end)...]
    }
    if !rest.isEmpty { segments.append(.literal(String(rest))) }
    self.segments = segments
  }

  /// The text where it is the same in every device, place and moment.
  var constant: String? {
    switch segments.count {
    case 0: return ""
    case 1:
      if case .literal(let text) = segments[0] { return text }
      return nil
    default: return nil
    }
  }

  /// Whether the text depends on the time at which it is read.
  var isVolatile: Bool {
    segments.contains { segment in
      switch segment {
      case .noise, .counter, .uptime, .now: true
      default: false
      }
    }
  }

  func render(_ scope: Scope) -> String {
    if let constant { return constant }
    var text = ""
    for segment in segments { text += Self.render(segment, scope) }
    return text
  }

  private static func render(_ segment: Segment, _ scope: Scope) -> String {
    let context = scope.context
    switch segment {
    case .literal(let text): return text
    case .manufacturer: return context.manufacturer
    case .oui: return context.oui
    case .productClass: return context.productClass
    case .serial: return context.serialNumber
    case .acsURL: return context.acsURL
    case .username: return context.username
    case .connectionRequestURL: return context.connectionRequestURL
    case .periodicInformInterval: return String(context.periodicInformInterval)
    case .macAddress(let offset, let addsInstance):
      let instance = addsInstance ? UInt64(scope.instances.last ?? 0) : 0
      return macText(context.macAddress &+ offset &+ instance)
    case .instance(let level):
      let number =
        level == 0
        ? scope.instances.last
        : (level <= scope.instances.count ? scope.instances[level - 1] : nil)
      return String(number ?? 0)
    case .random(let range):
      return String(pick(range, SeededRandom.hash(scope.path, seed: context.seed)))
    case .noise(let range):
      let seed = context.seed ^ UInt64(bitPattern: scope.time.clock)
      return String(pick(range, SeededRandom.hash(scope.path, seed: seed)))
    case .counter(let rate):
      let start = SeededRandom.hash(scope.path, seed: context.seed) % (rate &* 3600 &+ 1)
      let value = start &+ rate &* UInt64(max(0, scope.time.uptime))
      // Most counters of the data models are 32 bits wide and wrap.
      return String(value & 0xFFFF_FFFF)
    case .uptime: return String(scope.time.uptime)
    case .now: return DateTimeText.format(scope.time.clock)
    case .address(let network, let prefix):
      let size = UInt64(1) << UInt64(32 - prefix)
      // Neither the network's own address nor the broadcast address.
      let host = size > 2 ? 1 + context.seed % (size - 2) : 0
      return addressText(network &+ UInt32(truncatingIfNeeded: host))
    case .hexadecimal(let digits):
      let hash = SeededRandom.hash(scope.path, seed: context.seed)
      let text = String(hash, radix: 16, uppercase: true)
      return String((String(repeating: "0", count: 16) + text).suffix(digits))
    case .entries: return String(scope.entries())
    }
  }

  private static func pick(_ range: ClosedRange<Int64>, _ number: UInt64) -> Int64 {
    let size = UInt64(range.upperBound - range.lowerBound) + 1
    return range.lowerBound + Int64(number % size)
  }

  private static func macText(_ address: UInt64) -> String {
    let digits = String(address & 0xFFFF_FFFF_FFFF, radix: 16, uppercase: true)
    let padded = Array((String(repeating: "0", count: 12) + digits).suffix(12))
    return stride(from: 0, to: 12, by: 2).map { String(padded[$0...$0 + 1]) }
      .joined(separator: ":")
  }

  static func addressText(_ address: UInt32) -> String {
    "\(address >> 24).\(address >> 16 & 255).\(address >> 8 & 255).\(address & 255)"
  }
}
