import USP

/// How a fleet of USP agents is made up and whom it talks to.
package struct AgentOptions: Sendable {
  /// From what an agent's endpoint ID is made (TR-369, 2.3.1).
  package enum EndpointScheme: String, Sendable, CaseIterable {
    /// `os::OUI-SerialNumber`
    case os
    /// `ops::OUI-ProductClass-SerialNumber`
    case ops
  }

  /// How Records reach the controller.
  package enum Way: Sendable {
    /// - Parameter url: `ws://` or `wss://`.
    case webSocket(url: String)
    case mqtt(MQTT)
    case stomp(STOMP)
    case unix(path: String)

    /// The word for it in TR-181 (LocalAgent.MTP.{i}.Protocol).
    var protocolName: String {
      switch self {
      case .webSocket: "WebSocket"
      case .mqtt: "MQTT"
      case .stomp: "STOMP"
      case .unix: Self.unixName
      }
    }

    static let unixName = "UDS"
  }

  package struct MQTT: Sendable {
    package var host: String
    /// 0: the usual one.
    package var port: UInt16
    /// With TLS.
    package var isSecure = false
    /// 3.1.1 instead of 5.
    package var isVersion311 = false
    package var controllerTopic: String
    /// What stands before the endpoint ID in the agent's own topic.
    package var topicPrefix: String
    package var isAtLeastOnce = true

    package init(host: String, port: UInt16, controllerTopic: String, topicPrefix: String) {
      self.host = host
      self.port = port
      self.controllerTopic = controllerTopic
      self.topicPrefix = topicPrefix
    }
  }

  package struct STOMP: Sendable {
    package var host: String
    /// 0: the usual one.
    package var port: UInt16
    /// With TLS.
    package var isSecure = false
    package var virtualHost = ""
    package var controllerDestination: String
    /// What stands before the endpoint ID in the agent's own destination.
    package var destinationPrefix: String

    package init(
      host: String, port: UInt16, controllerDestination: String, destinationPrefix: String
    ) {
      self.host = host
      self.port = port
      self.controllerDestination = controllerDestination
      self.destinationPrefix = destinationPrefix
    }
  }

  /// From 1 to ``FleetOptions/maximumCount``.
  package var count: Int
  package var way: Way
  package var controller: EndpointID
  /// Nil gives each agent its own name, as devices of CWMP have.
  package var username: String?
  package var password: String
  /// No credentials are shown at all.
  package var isAnonymous = false
  package var scheme = EndpointScheme.os
  package var serialPrefix = "SIM"
  /// The number of the first agent.
  package var serialOffset = 1
  package var bootSpread = 5.0
  /// Agent seconds for each of ours.
  package var timeScale = 1.0
  package var behaviour = AgentBehaviour()
  package var quirks = AgentQuirks()
  package var sessionMode = RecordExchange.SessionMode.allow
  /// Bytes; 0: no segments.
  package var maximumRecordSize = 0
  /// Agents come with subscriptions to Boot!, Periodic! and TransferComplete!.
  package var hasFactorySubscriptions = false
  package var seed: UInt64 = 1
  package var loops = 1
  package var tls = TLSOptions()

  package init(count: Int, way: Way, controller: EndpointID, password: String = "") {
    self.count = count
    self.way = way
    self.controller = controller
    self.password = password
  }

  /// Throws what makes no sense, in words.
  package func validate() throws(SimulatorError) {
    func check(_ isRight: Bool, _ message: String) throws(SimulatorError) {
      guard isRight else { throw SimulatorError(.invalidOption, message) }
    }
    try check(
      (1...FleetOptions.maximumCount).contains(count),
      "--count is from 1 to \(FleetOptions.maximumCount)")
    try tls.validate()
    try check(
      (0...FleetOptions.maximumSerialOffset).contains(serialOffset),
      "--serial-offset is from 0 to \(FleetOptions.maximumSerialOffset)")
    try check(
      (0...FleetOptions.maximumSeconds).contains(bootSpread),
      "--boot-spread is from 0 to \(Int(FleetOptions.maximumSeconds)) seconds")
    try check(timeScale > 0 && timeScale <= 10_000, "--time-scale is above 0 and at most 10000")
    try check((1...64).contains(loops), "--loops is from 1 to 64")
    try check(
      (1...Int(UInt32.max)).contains(behaviour.periodicInterval),
      "--interval is from 1 to \(UInt32.max) seconds")
    try check(
      [behaviour.bootTime, behaviour.flashTime.lowerBound, behaviour.flashTime.upperBound]
        .allSatisfy { (0...FleetOptions.maximumSeconds).contains($0) },
      "--boot-time and --flash-time are from 0 to \(Int(FleetOptions.maximumSeconds)) seconds")
    try check(
      maximumRecordSize == 0 || maximumRecordSize >= 256, "--segment-size is 0 or at least 256")
    try check(
      maximumRecordSize == 0 || sessionMode != .forbid,
      "--segment-size needs a session context, which --session forbid rules out")
    try check(
      [
        behaviour.failDownload, behaviour.failFlash, behaviour.failUpload, behaviour.failSoftware,
      ].allSatisfy { (0...100).contains($0) }, "percentages are from 0 to 100")
  }

  /// The serial number of an agent, by its place in the fleet from 0.
  package func serialNumber(_ index: Int) -> String {
    let digits = String(serialOffset + index)
    return serialPrefix + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  func endpoint(_ context: DeviceContext) throws(SimulatorError) -> EndpointID {
    let text =
      switch scheme {
      case .os: "os::\(context.oui)-\(context.serialNumber)"
      case .ops: "ops::\(context.oui)-\(context.productClass)-\(context.serialNumber)"
      }
    guard let endpoint = EndpointID(text) else {
      throw SimulatorError(.invalidOption, "\(text) is no endpoint ID")
    }
    return endpoint
  }
}
