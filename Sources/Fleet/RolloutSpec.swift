/// A firmware rollout as an operator ordered it, checked and with its defaults filled in.
package struct RolloutSpec: Sendable, Equatable, Codable {
  package var selector: Selector
  package var image: Image
  /// How many devices are upgraded at the same time: 1...10000.
  package var concurrency: Int
  /// More failures than that pause the rollout.
  package var maxFailures: FailureLimit
  /// How many times the download is ordered again from a device where it failed for a time: 0...20.
  package var retries: Int
  /// How long after the transfer a device has to report the new version, in seconds.
  package var verifyWithin: Double
  /// How long a device has to report the end of the transfer, in seconds.
  package var transferWithin: Double
  /// After that no device is started, in seconds since 1970; nil: no such time.
  package var deadline: Double?
  /// Nil: every device loads the image on its turn.
  package var prepare: Preparation?

  /// A stage before the first turn, in which devices that can load an image without starting it do so.
  package struct Preparation: Sendable, Equatable, Codable {
    /// How long the turns wait for it at most, in seconds since the rollout was applied.
    package var within: Double
    /// How many devices load the image at the same time: 1...10000.
    package var concurrency: Int

    package static let defaultConcurrency = 100

    package init(within: Double, concurrency: Int = defaultConcurrency) {
      self.within = within
      self.concurrency = concurrency
    }
  }

  package struct Image: Sendable, Equatable, Codable {
    /// Where the operator has the file, relative to the rollout's file; nil where it is stored already.
    package var file: String?
    /// The SoftwareVersion that devices report once they run the image.
    package var version: String
    /// SHA-256 of the content, 64 lower-case hexadecimal digits.
    package var sha256: String
    package var fileType: String
    package var targetFileName: String

    package init(
      file: String? = nil, version: String, sha256: String,
      fileType: String = DownloadOrder.firmwareUpgradeImage, targetFileName: String = ""
    ) {
      self.file = file
      self.version = version
      self.sha256 = sha256
      self.fileType = fileType
      self.targetFileName = targetFileName
    }
  }

  package static let defaultConcurrency = 10
  package static let concurrencyRange = 1...10_000
  package static let defaultMaxFailures = FailureLimit.share(hundredths: 500)
  package static let defaultRetries = 2
  package static let retriesRange = 0...20
  package static let defaultVerifyWithin = 600.0
  package static let defaultTransferWithin = 3600.0
  /// For both times, in seconds.
  package static let withinRange = 1.0...(30.0 * 86_400)

  package init(
    selector: Selector, image: Image, concurrency: Int = defaultConcurrency,
    maxFailures: FailureLimit = defaultMaxFailures, retries: Int = defaultRetries,
    verifyWithin: Double = defaultVerifyWithin, transferWithin: Double = defaultTransferWithin,
    deadline: Double? = nil, prepare: Preparation? = nil
  ) {
    self.selector = selector
    self.image = image
    self.concurrency = concurrency
    self.maxFailures = maxFailures
    self.retries = retries
    self.verifyWithin = verifyWithin
    self.transferWithin = transferWithin
    self.deadline = deadline
    self.prepare = prepare
  }

  /// What a device is asked to do: all at once, or at first the one and on its turn the other.
  package func operation(_ stage: DownloadOrder.Stage) -> Operation {
    .download(
      DownloadOrder(
        file: image.sha256, fileType: image.fileType, targetFileName: image.targetFileName,
        expectedVersion: image.version, stage: stage))
  }

  /// The policy for the rollout's tasks.
  package func taskPolicy(basedOn policy: TaskPolicy = .standard) -> TaskPolicy {
    var policy = policy
    policy.maxAttempts = retries + 1
    policy.verifyWithin = verifyWithin
    policy.transferWithin = transferWithin
    return policy
  }
}
