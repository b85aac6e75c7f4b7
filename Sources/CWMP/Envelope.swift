/// One SOAP envelope: the headers that CWMP knows and the message (TR-069 Amendment 6, 3.4 and 3.5).
package struct Envelope: Sendable, Equatable {
  package var namespace: Namespace
  /// The text of `cwmp:ID`, verbatim; nil where the header is absent, empty where it is empty.
  package var id: String?
  /// Nil for an empty Body.
  package var message: Message?
  /// Seconds, more than 0, that the CPE asks the ACS to keep an idle session (on Inform, since CWMP 1.3); nil where it did not say, or not in a number.
  package var sessionTimeout: Int?
  /// For example `["1.0", "1.1"]`; empty where the CPE did not say (on Inform, since CWMP 1.4).
  package var supportedVersions: [String]
  /// The version that the ACS chose out of those (on InformResponse).
  package var useVersion: String?
  /// Deprecated since Amendment 6.
  package var holdRequests: Bool
  /// Known only to the first edition; it has no effect.
  package var noMoreRequests: Bool

  package init(
    namespace: Namespace, id: String? = nil, message: Message?, sessionTimeout: Int? = nil,
    supportedVersions: [String] = [], useVersion: String? = nil, holdRequests: Bool = false,
    noMoreRequests: Bool = false
  ) {
    self.namespace = namespace
    self.id = id
    self.message = message
    self.sessionTimeout = sessionTimeout
    self.supportedVersions = supportedVersions
    self.useVersion = useVersion
    self.holdRequests = holdRequests
    self.noMoreRequests = noMoreRequests
  }
}
