import CWMP

/// What becomes of an event that the ACS has not taken yet (TR-069 Amendment 6, 3.7.1.5, table 8).
package enum EventRetention: Sendable, Equatable {
  /// It is told until the ACS takes it, over reboots too.
  case neverDiscarded
  case untilReboot
  /// It is told in one session only.
  case notRetried

  package init(code: String) {
    switch code {
    case Event.connectionRequest: self = .notRetried
    case Event.boot, Event.valueChange, Event.kicked, Event.diagnosticsComplete,
      Event.requestDownload, Event.wakeup, Event.heartbeat:
      self = .untilReboot
    default: self = .neverDiscarded
    }
  }
}
