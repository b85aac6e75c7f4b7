import Cryptography
import NIOCore

/// Takes in the answer to a file's GET: counts, hashes, and keeps only the first bytes.
struct FileReceiver {
  enum Progress: Equatable {
    case needsMore
    /// The server wants a name and password.
    case challenged([String])
    case done(DownloadOutcome)
  }

  private enum State {
    case head
    case body(remaining: Int)
    case untilClose
    case chunkSize
    case chunk(remaining: Int)
    case trailer
    case done
  }

  /// Bytes of a file at most; a device of this kind has no room for more.
  static let maximumSize: UInt64 = 4 << 30
  /// Bytes of a line between chunks at most.
  private static let maximumLineLength = 1024

  private let maximumSize: UInt64
  private var state = State.head
  private var buffer = ByteBuffer()
  private var header: [UInt8] = []
  private var size: UInt64 = 0
  private let hash = SHA256()

  init(maximumSize: UInt64 = Self.maximumSize) {
    self.maximumSize = maximumSize
  }

  mutating func receive(_ bytes: inout ByteBuffer) -> Progress {
    buffer.writeBuffer(&bytes)
    do throws(SimulatorError) {
      while true {
        guard size <= maximumSize else { return .done(.interrupted) }
        switch state {
        case .head:
          guard let (response, framing) = try HTTPResponseParser.readHead(&buffer) else {
            return .needsMore
          }
          if response.status < 200 { continue }
          if response.status == 401 { return .challenged(response.challenges) }
          guard response.status == 200 else { return .done(.refused(status: response.status)) }
          switch framing {
          case .length(let length): state = .body(remaining: length)
          case .chunked: state = .chunkSize
          case .untilClose: state = .untilClose
          }
        case .body(let remaining):
          let taken = take(atMost: remaining)
          guard size <= maximumSize else { continue }
          guard taken == remaining else {
            state = .body(remaining: remaining - taken)
            return needMore()
          }
          return finished()
        case .untilClose:
          _ = take(atMost: .max)
          guard size <= maximumSize else { continue }
          return needMore()
        case .chunkSize:
          guard let line = readLine() else { return needMoreOfALine() }
          if line.isEmpty { continue }
          guard let length = Int(line.prefix { $0.isHexDigit }, radix: 16) else {
            return .done(.interrupted)
          }
          state = length == 0 ? .trailer : .chunk(remaining: length)
        case .chunk(let remaining):
          let taken = take(atMost: remaining)
          guard taken == remaining else {
            state = .chunk(remaining: remaining - taken)
            return needMore()
          }
          state = .chunkSize
        case .trailer:
          guard let line = readLine() else { return needMoreOfALine() }
          if line.isEmpty { return finished() }
        case .done: return .needsMore
        }
      }
    } catch {
      return .done(.interrupted)
    }
  }

  /// The connection has ended.
  mutating func close() -> DownloadOutcome {
    if case .untilClose = state, case .done(let outcome) = finished() { return outcome }
    return .interrupted
  }

  private mutating func take(atMost limit: Int) -> Int {
    let count = min(limit, buffer.readableBytes)
    guard let slice = buffer.readSlice(length: count), count > 0 else { return 0 }
    hash.update(slice.readableBytesView)
    size += UInt64(count)
    if header.count < FirmwareImage.maximumHeaderLength {
      header += slice.readableBytesView.prefix(FirmwareImage.maximumHeaderLength - header.count)
    }
    return count
  }

  private mutating func needMore() -> Progress {
    buffer.clear()
    return .needsMore
  }

  private func needMoreOfALine() -> Progress {
    buffer.readableBytes > Self.maximumLineLength ? .done(.interrupted) : .needsMore
  }

  private mutating func finished() -> Progress {
    state = .done
    return .done(
      .received(
        size: size, sha256: Hex.encode(hash.finish()), image: FirmwareImage(header: header)))
  }

  private mutating func readLine() -> Substring? {
    guard let newline = buffer.readableBytesView.firstIndex(of: 0x0A),
      let line = buffer.readString(length: newline - buffer.readerIndex + 1)
    else { return nil }
    return line[...].trimmed
  }
}
