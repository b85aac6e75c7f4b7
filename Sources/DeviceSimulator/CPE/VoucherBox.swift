import CWMP

/// The vouchers that a device was given, as the options they stand for (TR-069 Annex C, deprecated).
struct VoucherBox: Sendable, Equatable {
  private var options: [Option] = []

  /// Bytes of one voucher at most.
  static let maximumLength = 64 << 10
  static let maximumOptions = 16

  /// Takes all vouchers or none; throws 9003 for what is none and 9004 for too many.
  mutating func take(_ vouchers: [[UInt8]], clock: String) throws(FaultDetail) {
    var taken = options
    for voucher in vouchers {
      guard voucher.count <= Self.maximumLength,
        let text = String(validating: voucher, as: UTF8.self),
        let name = Self.text(of: "OptionIdent", in: text), !name.isEmpty
      else { throw .cpeInvalidArguments }
      taken.removeAll { $0.name == name }
      taken.append(
        Option(
          name: name, voucherSerialNumber: Self.text(of: "VSerialNum", in: text) ?? "", state: 1,
          mode: Self.text(of: "Mode", in: text).flatMap { Int($0) } ?? 2, startDate: clock,
          isTransferable: Self.text(of: "Transferable", in: text) == "1"))
    }
    guard taken.count <= Self.maximumOptions else { throw .cpeResourcesExceeded }
    options = taken
  }

  /// The options of that name, all for an empty one; throws 9003 for one that the device has not got.
  func options(named name: String) throws(FaultDetail) -> [Option] {
    guard !name.isEmpty else { return options }
    let found = options.filter { $0.name == name }
    guard !found.isEmpty else { throw .cpeInvalidArguments }
    return found
  }

  /// The text of the first element of that name; a voucher is signed XML, of which only these few elements count.
  private static func text(of element: String, in xml: String) -> String? {
    guard let open = xml.range(of: "<\(element)>") else { return nil }
    return String(xml[open.upperBound...].prefix { $0 != "<" })
  }
}
