/// A measurement that a device makes by itself.
package struct Diagnosis: Sendable, Equatable {
  package var kind: Kind
  /// What is to be reached, for ping, traceRoute and nsLookup: a host name or an address.
  package var host: String
  /// Where to, for download and upload.
  package var url: String
  /// The path of the interface to use; empty lets the device choose.
  package var interface: String
  /// Nil: the device's own.
  package var repetitions: Int?
  /// Milliseconds that the device waits for an answer.
  package var timeout: Int?
  /// Bytes of each packet, for ping and traceRoute.
  package var dataBlockSize: Int?
  package var dscp: Int?
  /// For traceRoute.
  package var maxHopCount: Int?
  /// Bytes to send, for upload.
  package var fileLength: Int?
  /// For nsLookup; empty: the device's own.
  package var server: String

  package enum Kind: String, Sendable, CaseIterable, Codable {
    case ping, traceRoute, download, upload, nsLookup, wifiNeighbors
  }

  package init(
    _ kind: Kind, host: String = "", url: String = "", interface: String = "",
    repetitions: Int? = nil, timeout: Int? = nil, dataBlockSize: Int? = nil, dscp: Int? = nil,
    maxHopCount: Int? = nil, fileLength: Int? = nil, server: String = ""
  ) {
    self.kind = kind
    self.host = host
    self.url = url
    self.interface = interface
    self.repetitions = repetitions
    self.timeout = timeout
    self.dataBlockSize = dataBlockSize
    self.dscp = dscp
    self.maxHopCount = maxHopCount
    self.fileLength = fileLength
    self.server = server
  }
}
