/// What a load run sends, how fast, and what it measures.
package struct LoadOptions: Sendable {
  package enum Scenario: String, Sendable, CaseIterable {
    /// Each session is a device's first: BOOTSTRAP and BOOT, and whatever the ACS asks.
    case firstBoot = "first-boot"
    /// Known devices tell that they are there.
    case periodic
  }

  package var scenario: Scenario
  package var acsURL: String
  package var model: DeviceModel
  package var devices: Int
  /// Sessions per second.
  package var rate: Double
  /// Seconds that are measured; nil lets each device have one session.
  package var duration: Double?
  /// Seconds before that.
  package var warmUp: Double
  /// Connections at a time; a session that finds none free starts late.
  package var connections: Int
  package var spacing: ArrivalSchedule.Spacing
  package var seed: UInt64
  package var serialPrefix: String
  package var serialOffset: Int
  package var username: String?
  package var password: String
  package var acsdPID: Int32?
  package var postgresPID: Int32?

  package init(
    scenario: Scenario, acsURL: String, model: DeviceModel, devices: Int, rate: Double,
    duration: Double? = nil, warmUp: Double = 0, connections: Int = 512,
    spacing: ArrivalSchedule.Spacing = .poisson, seed: UInt64 = 1, serialPrefix: String = "LOAD",
    serialOffset: Int = 1, username: String? = nil, password: String = "",
    acsdPID: Int32? = nil, postgresPID: Int32? = nil
  ) {
    self.scenario = scenario
    self.acsURL = acsURL
    self.model = model
    self.devices = devices
    self.rate = rate
    self.duration = duration
    self.warmUp = warmUp
    self.connections = connections
    self.spacing = spacing
    self.seed = seed
    self.serialPrefix = serialPrefix
    self.serialOffset = serialOffset
    self.username = username
    self.password = password
    self.acsdPID = acsdPID
    self.postgresPID = postgresPID
  }

  /// Throws what makes no sense, in words.
  package func validate() throws(SimulatorError) {
    func check(_ isRight: Bool, _ message: String) throws(SimulatorError) {
      guard isRight else { throw SimulatorError(.invalidOption, message) }
    }
    try check(HTTPTarget(acsURL) != nil, "--acs is a URL such as http://127.0.0.1:7547/")
    try check((1...1_000_000).contains(devices), "--devices is from 1 to 1000000")
    try check((1...60_000).contains(connections), "--connections is from 1 to 60000")
    try check(warmUp >= 0 && warmUp <= 3600, "--warm-up is from 0 to 3600 seconds")
    if let duration {
      try check(duration > 0 && duration <= 86400, "--duration is above 0 and at most 86400")
    } else {
      try check(scenario == .firstBoot, "the scenario periodic needs --duration")
    }
    try check(serialOffset >= 0, "--serial-offset is not negative")
  }

  func context(_ index: Int) -> DeviceContext {
    let digits = String(serialOffset + index)
    let serial = serialPrefix + String(repeating: "0", count: max(0, 8 - digits.count)) + digits
    return DeviceContext(
      model: model, serialNumber: serial, index: serialOffset + index, seed: seed,
      acsURL: acsURL, username: username,
      connectionRequestURL: "http://192.0.2.1:7547/\(serial)")
  }
}
