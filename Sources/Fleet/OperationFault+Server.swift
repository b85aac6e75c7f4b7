/// The faults that the server itself states; all others are the device's own.
extension OperationFault {
  /// The session ended before the device had answered.
  package static let interruptedCode = "fairlead.interrupted"
  /// The task's time was over.
  package static let expiredCode = "fairlead.expired"
  /// The device does not run the version that the download was to bring.
  package static let versionCode = "fairlead.version"

  /// There is no such file here, or none has arrived.
  package static let noFileCode = "fairlead.noFile"

  /// The transfer that was to be taken back had ended.
  package static let transferEndedCode = "fairlead.transferEnded"
  /// The device restarted while it was at what was ordered.
  package static let restartedCode = "fairlead.restarted"
  /// The protocol that the device speaks has nothing for the operation.
  package static let unsupportedCode = "fairlead.unsupported"
  /// The rollout had no place for the device when it called.
  package static let noPlaceCode = "fairlead.noPlace"

  /// The order said that it was to be begun later.
  package static let delayedCode = "fairlead.delayed"

  /// - Parameter protocolName: as people write it, for example `USP`.
  package static func unsupported(_ kind: OperationKind, in protocolName: String) -> OperationFault
  {
    OperationFault(
      code: unsupportedCode, text: "\(protocolName) has nothing for “\(kind.rawValue)”.")
  }

  static let restarted = OperationFault(
    code: restartedCode, text: "The device restarted before it reported the end of the command.")

  static func interrupted(reason: String, attempts: Int, maxAttempts: Int) -> OperationFault {
    OperationFault(
      code: interruptedCode,
      text: "The session was interrupted before the device answered: \(reason)"
        + " (attempt \(attempts) of \(maxAttempts)).",
      isTransient: true)
  }
}
