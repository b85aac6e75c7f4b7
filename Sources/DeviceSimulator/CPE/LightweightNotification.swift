import CWMP
import Cryptography

/// One UDP packet that tells of a change without a session (TR-069 Amendment 6, Annex M).
package struct LightweightNotification: Sendable, Equatable {
  package var host: String
  package var port: Int
  /// An HTTP request in full.
  package var packet: [UInt8]
}

extension SimulatedCPE {
  /// Where the ACS has turned it on: the packet that tells of one parameter.
  func lightweightNotification(of path: String, _ now: Duration) -> [Effect] {
    let time = readingTime(now)
    guard stored("ManagementServer.LightweightNotificationProtocolsUsed", now) == "UDP",
      let value = tree.read(path, at: time)
    else { return [] }
    var host = stored("ManagementServer.UDPLightweightNotificationHost", now)
    if host.isEmpty { host = HTTPTarget(acsURL(now))?.host ?? "" }
    let port = Int(stored("ManagementServer.UDPLightweightNotificationPort", now)) ?? 7547
    guard !host.isEmpty, (1...65535).contains(port) else { return [] }
    let id = deviceID
    let fields = [
      ("TS", String(time.clock)), ("UN", username(now)),
      (
        "CN",
        String(
          SeededRandom.hash(path + value.value, seed: UInt64(bitPattern: time.clock)), radix: 16)
      ),
      ("OUI", id.oui), ("ProductClass", id.productClass), ("SerialNumber", id.serialNumber),
    ]
    var body =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Notification xmlns=\"urn:broadband-forum-org:cwmp:lwnotif-1-0\">"
    for (name, text) in fields { body += "<\(name)>\(Self.escaped(text))</\(name)>" }
    body +=
      "<Param><Name>\(Self.escaped(value.name))</Name><Value>\(Self.escaped(value.value))</Value></Param></Notification>"
    let signature = Hex.encode(
      HMAC.sha1(key: Array((password(now) ?? factoryPassword).utf8), message: Array(body.utf8)))
    let head =
      "POST / HTTP/1.1\r\nHost: \(host):\(port)\r\nContent-Type: text/xml; charset=utf-8\r\n"
      + "Content-Length: \(body.utf8.count)\r\nSignature: \(signature)\r\n\r\n"
    return [
      .send(LightweightNotification(host: host, port: port, packet: Array((head + body).utf8)))
    ]
  }

  private static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
  }
}
