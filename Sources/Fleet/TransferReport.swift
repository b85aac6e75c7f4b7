/// A device's report that a transfer has ended.
package struct TransferReport: Sendable, Equatable {
  /// The key of the order that started the transfer; empty from devices that forget it.
  package var commandKey: String
  /// Nil where the transfer succeeded.
  package var fault: OperationFault?
  /// SHA-256 of the file that the device has sent here, where it has.
  package var file: String?

  package init(commandKey: String, fault: OperationFault? = nil, file: String? = nil) {
    self.commandKey = commandKey
    self.fault = fault
    self.file = file
  }
}
