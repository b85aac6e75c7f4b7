import FleetStore
import ManagementTypes

extension TraceEntry {
  init(_ message: TraceMessage) {
    let lines = message.head.split(whereSeparator: \.isNewline)
    self.init(
      id: message.id, at: Timestamp(message.at), session: message.session,
      direction: message.isInbound ? "in" : "out", peer: message.peer,
      head: lines.first.map(String.init) ?? "",
      headers: lines.dropFirst().map { line in
        let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        return Header(
          name: String(parts[0]),
          value: parts.count > 1 ? String(parts[1].drop { $0 == " " || $0 == "\t" }) : "")
      }, body: String(decoding: message.body, as: UTF8.self), bodySize: message.bodySize)
  }
}
