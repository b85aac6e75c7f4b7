/// An option of the CPE that a voucher controls (OptionStruct, deprecated).
package struct Option: Sendable, Equatable {
  package var name: String
  package var voucherSerialNumber: String
  /// 0 disabled and not set up, 1 enabled and not set up, 2 enabled and set up, 3 disabled and set up.
  package var state: Int
  /// 0 disabled, 1 enabled with an expiration, 2 enabled without one.
  package var mode: Int
  /// Literal dateTime texts.
  package var startDate: String
  /// Nil where the option does not expire.
  package var expirationDate: String?
  package var isTransferable: Bool

  package init(
    name: String, voucherSerialNumber: String, state: Int, mode: Int,
    startDate: String = unknownTime, expirationDate: String? = nil, isTransferable: Bool
  ) {
    self.name = name
    self.voucherSerialNumber = voucherSerialNumber
    self.state = state
    self.mode = mode
    self.startDate = startDate
    self.expirationDate = expirationDate
    self.isTransferable = isTransferable
  }
}
