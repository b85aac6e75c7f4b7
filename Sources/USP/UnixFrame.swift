/// The frames that Records travel in over UNIX domain sockets (TR-369 4.7): `_USP`, a length, and elements of type, length and value.
package enum UnixFrame {
  package enum Element: Sendable, Equatable {
    /// Who the sender is (R-UDS.16, R-UDS.17).
    case handshake(EndpointID)
    /// Why the sender ends the connection.
    case error(String)
    case record([UInt8])
  }

  private enum ElementType: UInt8 {
    case handshake = 1
    case error = 2
    case record = 3
  }

  private static let synchronization: [UInt8] = Array("_USP".utf8)
  private static let longestError = 1024

  package static func encode(_ elements: [Element]) -> [UInt8] {
    var body: [UInt8] = []
    for element in elements {
      switch element {
      case .handshake(let endpoint): append(.handshake, Array(endpoint.text.utf8), to: &body)
      case .error(let text): append(.error, Array(text.utf8.prefix(longestError)), to: &body)
      case .record(let record): append(.record, record, to: &body)
      }
    }
    return synchronization + bigEndian(body.count) + body
  }

  package static func encode(_ element: Element) -> [UInt8] { encode([element]) }

  private static func append(_ type: ElementType, _ value: [UInt8], to body: inout [UInt8]) {
    body.append(type.rawValue)
    body += bigEndian(value.count)
    body += value
  }

  private static func bigEndian(_ count: Int) -> [UInt8] {
    let number = UInt32(clamping: count)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }

  /// Takes bytes as they come and gives the elements of the frames that are complete.
  ///
  /// After a fault nothing more can be read: the connection is to be closed (R-UDS.21).
  package struct Decoder: Sendable {
    private var pending: [UInt8] = []
    private var position = 0
    private let limit: Int

    /// - Parameter limit: the bytes of a frame after its length.
    package init(limit: Int = USPLimits().recordBytes + 1024) { self.limit = limit }

    /// How many bytes await the rest of their frame.
    package var buffered: Int { pending.count - position }

    package mutating func received(_ bytes: some Collection<UInt8>) throws(USPFault) -> [Element] {
      pending += bytes
      var elements: [Element] = []
      while try next(into: &elements) {}
      if position == pending.count {
        pending = []
        position = 0
      } else if position > 0 {
        pending.removeFirst(position)
        position = 0
      }
      return elements
    }

    private mutating func next(into elements: inout [Element]) throws(USPFault) -> Bool {
      // What isn't a frame is told from the first byte on, not once eight have come.
      guard zip(pending[position...], synchronization).allSatisfy({ $0 == $1 }) else {
        throw USPFault(.recordNotParsed, "no frame begins here")
      }
      guard pending.count - position >= 8 else { return false }
      let length = number(at: position + 4)
      guard length <= limit else {
        throw USPFault(.resourcesExceeded, "a frame of more than \(limit) bytes")
      }
      guard pending.count - position - 8 >= length else { return false }
      try read(from: position + 8, to: position + 8 + length, into: &elements)
      position += 8 + length
      return true
    }

    private func read(from start: Int, to end: Int, into elements: inout [Element]) throws(USPFault)
    {
      guard start < end else { throw USPFault(.recordNotParsed, "an empty frame") }
      var position = start
      while position < end {
        guard end - position >= 5 else { throw USPFault(.recordNotParsed, "an element is cut off") }
        let length = number(at: position + 1)
        guard length <= end - position - 5 else {
          throw USPFault(.recordNotParsed, "an element is longer than its frame")
        }
        let value = pending[(position + 5)..<(position + 5 + length)]
        switch ElementType(rawValue: pending[position]) {
        case .handshake:
          guard value.count <= 256, let text = String(validating: value, as: UTF8.self),
            let endpoint = EndpointID(text)
          else { throw USPFault(.invalidRecordValue, "no endpoint ID in a handshake") }
          elements.append(.handshake(endpoint))
        case .error:
          elements.append(.error(String(decoding: value.prefix(longestError), as: UTF8.self)))
        case .record: elements.append(.record(Array(value)))
        // Unknown ones are skipped (R-UDS.15).
        case nil: break
        }
        position += 5 + length
      }
    }

    private func number(at index: Int) -> Int {
      Int(pending[index]) << 24 | Int(pending[index + 1]) << 16 | Int(pending[index + 2]) << 8
        | Int(pending[index + 3])
    }
  }
}
