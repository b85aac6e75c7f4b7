import CWMP
import NIOCore

/// An encoded envelope with gaps for what differs from device to device.
///
/// The codec writes it once with marks in the gaps; afterwards a message costs little more than copying.
struct EnvelopeTemplate: Sendable {
  /// What fills a gap.
  enum Slot: Sendable {
    case messageID
    case serialNumber
    case currentTime
    case value(ValueExpression, path: String, instances: [UInt32], entries: Int)
  }

  /// What the gaps of one message are filled from.
  struct Filling {
    var id: String
    var context: DeviceContext
    var time: ReadingTime
  }

  private enum Segment: Sendable {
    case bytes([UInt8])
    case slot(Slot)
  }

  private static let mark = Array("~slot".utf8)

  /// The text to put where the slot of that number shall be.
  static func mark(_ number: Int) -> String { "~slot\(number)~" }

  private let segments: [Segment]

  init(_ envelope: Envelope, slots: [Slot], encoder: EnvelopeEncoder) {
    var bytes: [UInt8] = []
    encoder.encode(envelope, into: &bytes)
    var segments: [Segment] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      guard bytes[index] == Self.mark[0],
        let (number, end) = Self.slotNumber(in: bytes, at: index), number < slots.count
      else {
        index += 1
        continue
      }
      if index > start { segments.append(.bytes(Array(bytes[start..<index]))) }
      segments.append(.slot(slots[number]))
      index = end
      start = end
    }
    if start < bytes.count { segments.append(.bytes(Array(bytes[start...]))) }
    self.segments = segments
  }

  private static func slotNumber(in bytes: [UInt8], at start: Int) -> (Int, Int)? {
    guard bytes[start...].starts(with: mark) else { return nil }
    var index = start + mark.count
    var number = 0
    while index < bytes.count, (0x30...0x39).contains(bytes[index]), number < 1_000_000 {
      number = number * 10 + Int(bytes[index] - 0x30)
      index += 1
    }
    guard index < bytes.count, index > start + mark.count, bytes[index] == mark[0] else {
      return nil
    }
    return (number, index + 1)
  }

  func write(_ filling: Filling, into buffer: inout ByteBuffer) {
    for segment in segments {
      switch segment {
      case .bytes(let bytes): buffer.writeBytes(bytes)
      case .slot(let slot): Self.write(Self.text(slot, filling), into: &buffer)
      }
    }
  }

  private static func text(_ slot: Slot, _ filling: Filling) -> String {
    switch slot {
    case .messageID: filling.id
    case .serialNumber: filling.context.serialNumber
    case .currentTime: DateTimeText.format(filling.time.clock)
    case .value(let expression, let path, let instances, let entries):
      expression.render(
        .init(
          context: filling.context, time: filling.time, path: path, instances: instances,
          entries: { entries }))
    }
  }

  /// The codec has not seen what goes into the gaps, so it is escaped here.
  private static func write(_ text: String, into buffer: inout ByteBuffer) {
    let needsEscape = text.utf8.contains { $0 == 0x26 || $0 == 0x3C || $0 == 0x3E || $0 < 0x20 }
    guard needsEscape else {
      buffer.writeString(text)
      return
    }
    for byte in text.utf8 {
      switch byte {
      case 0x26: buffer.writeStaticString("&amp;")
      case 0x3C: buffer.writeStaticString("&lt;")
      case 0x3E: buffer.writeStaticString("&gt;")
      case 0..<0x20 where byte != 0x09 && byte != 0x0A && byte != 0x0D: break
      default: buffer.writeInteger(byte)
      }
    }
  }
}
