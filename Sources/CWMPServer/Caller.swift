import FleetStore

/// Who stands at the door, as far as it was proved.
struct Caller: Sendable, Equatable {
  /// The only device that it may be; nil: any.
  var deviceName: String?
  var proof: ContactProof
  /// The answer to a challenge with which it was proved.
  var answer: ChallengeAnswer?
  var isEncrypted = false

  static let unproved = Caller(deviceName: nil, proof: .nothing)

  /// Whether the caller may be the device of a name, with what it proved and what the door demands.
  func mayBe(_ name: String, enrolment: DoorSettings.Enrolment) -> Bool {
    if let deviceName, !Self.isSame(deviceName, name) { return false }
    switch enrolment {
    case .open: return true
    case .shared: return proof != .nothing
    case .known: return deviceName != nil
    }
  }

  /// Devices and those who issue their certificates differ in how they write the hexadecimal digits of an OUI.
  private static func isSame(_ one: String, _ other: String) -> Bool {
    one == other
      || one.utf8.dropFirst(6).elementsEqual(other.utf8.dropFirst(6))
        && one.prefix(6).lowercased() == other.prefix(6).lowercased()
  }
}
