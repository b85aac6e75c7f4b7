/// Which file a device shall fetch, when, and what shows that it took effect.
package struct DownloadOrder: Sendable, Equatable {
  /// SHA-256 of a stored file, 64 lower-case hexadecimal digits; empty where ``remote`` is set.
  package var file: String
  /// A file that is not stored here.
  package var remote: RemoteFile?
  /// The standard's words, for example `1 Firmware Upgrade Image`.
  package var fileType: String
  package var targetFileName: String
  /// The SoftwareVersion that the device must report afterwards; nil where the transfer alone counts.
  package var expectedVersion: String?
  /// How much of it is wanted now.
  package var stage: Stage
  /// Seconds that the device waits before it begins.
  package var delay: Int
  /// One or two in which the device may do it; none: as soon as ``delay`` is over.
  package var windows: [TransferWindow]
  /// Where the device sends a browser of the customer's after success or failure; empty: nowhere.
  package var successURL: String
  package var failureURL: String

  package init(
    file: String, fileType: String = firmwareUpgradeImage, targetFileName: String = "",
    expectedVersion: String? = nil, remote: RemoteFile? = nil, delay: Int = 0,
    windows: [TransferWindow] = [], successURL: String = "", failureURL: String = "",
    stage: Stage = .whole
  ) {
    self.file = file
    self.remote = remote
    self.fileType = fileType
    self.targetFileName = targetFileName
    self.expectedVersion = expectedVersion
    self.delay = delay
    self.windows = windows
    self.successURL = successURL
    self.failureURL = failureURL
    self.stage = stage
  }

  /// Firmware can be loaded early and started later, where the device keeps what it does not run yet.
  package enum Stage: String, Sendable, CaseIterable, Codable {
    /// Load it, and let it take effect.
    case whole
    /// Only load it: the device goes on with what it runs. One that can't do that refuses the order.
    case load
    /// Start what was loaded before, which is known by ``DownloadOrder/expectedVersion``; a device that does not have it, or
    /// can't keep any, is ordered to load it now.
    case start
  }

  package static let firmwareUpgradeImage = "1 Firmware Upgrade Image"

  /// The version that shows that the order was carried out; nil where the transfer alone shows it.
  package var versionToReport: String? { stage == .load ? nil : expectedVersion }

  /// Seconds after the order at which the device has to have begun.
  package var latestStart: Int { max(delay, windows.map(\.end).max() ?? 0) }
}

/// A file, or a place for one, on another server.
package struct RemoteFile: Sendable, Equatable {
  package var url: String
  package var username: String
  package var password: String
  /// Bytes; 0 where unknown.
  package var size: Int64

  package init(url: String, username: String = "", password: String = "", size: Int64 = 0) {
    self.url = url
    self.username = username
    self.password = password
    self.size = size
  }
}

/// When a device may do a transfer.
package struct TransferWindow: Sendable, Equatable {
  /// Seconds after the order.
  package var start: Int
  package var end: Int
  package var mode: Mode
  /// Shown to the user where the mode asks for a confirmation.
  package var userMessage: String
  /// Nil: the device decides.
  package var maxRetries: Int?

  package enum Mode: String, Sendable, CaseIterable, Codable {
    case anyTime, immediately, whenIdle, confirmationNeeded
  }

  package init(
    start: Int, end: Int, mode: Mode = .anyTime, userMessage: String = "", maxRetries: Int? = nil
  ) {
    self.start = start
    self.end = end
    self.mode = mode
    self.userMessage = userMessage
    self.maxRetries = maxRetries
  }
}
