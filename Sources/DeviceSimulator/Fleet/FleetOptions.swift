/// How a simulated fleet is made up and whom it talks to.
package struct FleetOptions: Sendable {
  /// From 1 to ``maximumCount``.
  package var count: Int
  package var acsURL: String
  /// The devices take these in turn.
  package var models: [DeviceModel]
  /// Nil gives each device its own name, as TR-069 recommends.
  package var username: String?
  package var password: String
  package var serialPrefix: String
  /// The number of the first device.
  package var serialOffset: Int
  /// Seconds of the device's time.
  package var periodicInformInterval: Int
  /// Over how many seconds the first boots are spread.
  package var bootSpread: Double
  /// Device seconds for each of our seconds.
  package var timeScale: Double
  package var behaviour: SimulatedCPE.Behaviour
  /// Sessions in percent that are dropped on purpose.
  package var dropConnection: Double
  package var seed: UInt64
  package var loops: Int
  /// The address that the ACS uses for connection requests.
  package var connectionRequestHost: String
  /// 0 for any free one.
  package var connectionRequestPort: Int
  package var tls: TLSOptions

  package static let maximumCount = 1_000_000

  package init(
    count: Int, acsURL: String, models: [DeviceModel], username: String? = nil,
    password: String = "", serialPrefix: String = "SIM", serialOffset: Int = 1,
    periodicInformInterval: Int = 300, bootSpread: Double = 5, timeScale: Double = 1,
    behaviour: SimulatedCPE.Behaviour = .init(), dropConnection: Double = 0, seed: UInt64 = 1,
    loops: Int = 1, connectionRequestHost: String = "127.0.0.1", connectionRequestPort: Int = 0,
    tls: TLSOptions = TLSOptions()
  ) {
    self.count = count
    self.acsURL = acsURL
    self.models = models
    self.username = username
    self.password = password
    self.serialPrefix = serialPrefix
    self.serialOffset = serialOffset
    self.periodicInformInterval = periodicInformInterval
    self.bootSpread = bootSpread
    self.timeScale = timeScale
    self.behaviour = behaviour
    self.dropConnection = dropConnection
    self.seed = seed
    self.loops = loops
    self.connectionRequestHost = connectionRequestHost
    self.connectionRequestPort = connectionRequestPort
    self.tls = tls
  }

  /// Of all times that a person gives: a year.
  package static let maximumSeconds = 31_536_000.0
  package static let maximumSerialOffset = 999_999_999

  /// Throws what makes no sense, in words.
  package func validate() throws(SimulatorError) {
    func check(_ isRight: Bool, _ message: String) throws(SimulatorError) {
      guard isRight else { throw SimulatorError(.invalidOption, message) }
    }
    try check((1...Self.maximumCount).contains(count), "--count is from 1 to \(Self.maximumCount)")
    try check(HTTPTarget(acsURL) != nil, "--acs is a URL such as http://127.0.0.1:7547/")
    try tls.validate()
    try check(!models.isEmpty, "no device model")
    try check(
      (0...Self.maximumSerialOffset).contains(serialOffset),
      "--serial-offset is from 0 to \(Self.maximumSerialOffset)")
    try check(
      (1...Int(UInt32.max)).contains(periodicInformInterval),
      "--interval is from 1 to \(UInt32.max) seconds")
    let seconds = [
      bootSpread, behaviour.bootTime, behaviour.flashTime.lowerBound,
      behaviour.flashTime.upperBound, behaviour.wanAddressChange ?? 0,
    ]
    try check(
      seconds.allSatisfy { (0...Self.maximumSeconds).contains($0) },
      "--boot-spread, --boot-time, --flash-time and --change-wan-address are from 0 to \(Int(Self.maximumSeconds)) seconds"
    )
    try check(timeScale > 0 && timeScale <= 10_000, "--time-scale is above 0 and at most 10000")
    try check((1...64).contains(loops), "--loops is from 1 to 64")
    try check(
      [
        dropConnection, behaviour.failDownload, behaviour.failFlash,
        behaviour.neverTransferComplete,
      ].allSatisfy { (0...100).contains($0) }, "percentages are from 0 to 100")
  }

  /// The serial number of a device, by its place in the fleet from 0.
  package func serialNumber(_ index: Int) -> String {
    let digits = String(serialOffset + index)
    return serialPrefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The path of a device's connection request URL, which nobody guesses.
  func connectionRequestPath(_ index: Int) -> String {
    let hash = SeededRandom.hash(serialNumber(index), seed: seed)
    return "/" + serialNumber(index) + "-" + String(hash, radix: 36)
  }
}
