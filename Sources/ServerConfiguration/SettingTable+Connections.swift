/// How devices are asked to call.
extension SettingTable {
  static let connectionRequests: [Setting] = [
    .boolean(
      "connectionRequests.enabled", \.connectionRequests.enabled,
      "Whether devices with work to do are asked to call. Otherwise the work waits for their next Inform."
    ),
    .boolean(
      "connectionRequests.provision", \.connectionRequests.provision,
      "Whether ConnectionRequestUsername and ConnectionRequestPassword are set on a device at first contact."
    ),
    .count(
      "connectionRequests.concurrency", \.connectionRequests.concurrency, 1...4096,
      "How many connection requests are under way at once."),
    .duration(
      "connectionRequests.connectTimeout", \.connectionRequests.connectTimeout, 500...120_000,
      "How long a connection to a device may take to come about, within `connectionRequests.timeout`."
    ),
    .duration(
      "connectionRequests.timeout", \.connectionRequests.timeout, 1_000...120_000,
      "How long one connection request may take."),
    .count(
      "connectionRequests.attempts", \.connectionRequests.attempts, 1...100,
      "How often a device is asked to call for the same work before its next Inform is awaited."),
    .duration(
      "connectionRequests.retryDelay", \.connectionRequests.retryDelay, 1_000...86_400_000,
      "The pause before a device is asked again; it doubles with every further attempt."),
    .duration(
      "connectionRequests.retryCap", \.connectionRequests.retryCap, 1_000...86_400_000,
      "The longest pause between two attempts."),
    .duration(
      "connectionRequests.interval", \.connectionRequests.interval, 0...86_400_000,
      "The shortest pause between the end of one connection request and the next to the same device."
    ),
    .duration(
      "connectionRequests.refusalHold", \.connectionRequests.refusalHold, 0...604_800_000,
      "How long a device that refused the credential is left alone, unless a person asks or the credential changes."
    ),
    .boolean(
      "connectionRequests.basic", \.connectionRequests.basic,
      "Whether the password may be sent to a device that asks for Basic authentication."),
    .list(
      "connectionRequests.methods", \.connectionRequests.methods, .connectionRequestMethod,
      """
      How devices are asked to call, in the order in which it is tried where nothing is known of a device: \
      http (ConnectionRequestURL), udp (needs `stun.port`), xmpp (needs `xmpp.jid`). \
      A method that is not listed is not used; what made a device call last is tried first.
      """),
    .duration(
      "connectionRequests.sessionWait", \.connectionRequests.sessionWait, 1_000...600_000,
      "How long a device that has accepted a request may take to call before the next method is tried."
    ),
    .duration(
      "connectionRequests.udpWait", \.connectionRequests.udpWait, 1_000...600_000,
      "How long a device may take to call after a UDP connection request, which it does not answer."
    ),
    .count(
      "connectionRequests.udpCopies", \.connectionRequests.udpCopies, 1...10,
      "How often the packet of a UDP connection request is sent; devices ignore the copies."),
    .count(
      "connectionRequests.maxWaiting", \.connectionRequests.maxWaiting, 1...100_000,
      "How many persons may wait for a device to call at once."),
    .count(
      "connectionRequests.maxDevices", \.connectionRequests.maxDevices, 2...10_000_000,
      """
      How many devices may have requests under way, and of how many it is remembered what made them call. \
      Further ones wait for their next Inform.
      """),
    .count(
      "connectionRequests.failureLines", \.connectionRequests.failureLines, 1...1_000_000,
      "How many lines a minute are logged about devices that did not call."),
    .boolean(
      "connectionRequests.ownAddresses", \.connectionRequests.ownAddresses,
      """
      Whether connection requests may be sent to addresses of this machine, as a device's URL may name them. \
      Loopback addresses are another matter.
      """),
    .boolean(
      "connectionRequests.ownNetworks", \.connectionRequests.ownNetworks,
      """
      Whether connection requests may be sent to every address of the networks that this machine's interfaces are in. \
      Otherwise a device is asked there at the very address from which it called, and nowhere else.
      """),
    .boolean(
      "connectionRequests.contactAddress", \.connectionRequests.contactAddress,
      """
      Whether a device may be asked at the very address from which it called although that is loopback, link-local, this machine's \
      or in one of this machine's networks. \
      Turn it off where devices come in through a proxy, a NAT or a bridge of containers on this machine or in its networks.
      """),
    .list(
      "connectionRequests.allow", \.connectionRequests.allow, .addressRange,
      """
      Address ranges (CIDR) to which connection requests may be sent whatever else is said. \
      Without it, loopback, link-local and multicast addresses are never asked, \
      except where the device itself called from that address; \
      `connectionRequests.ownAddresses` and `connectionRequests.ownNetworks` are about this machine's.
      """),
    .list(
      "connectionRequests.deny", \.connectionRequests.deny, .addressRange,
      """
      Address ranges (CIDR) to which no connection request is sent, whatever a device reports as its URL. \
      `connectionRequests.allow` is stronger.
      """),
  ]

  static let stun: [Setting] = [
    .text(
      "stun.host", \.stun.host, .host, "The address on which the STUN server awaits devices."),
    .count(
      "stun.port", \.stun.port, 0...65_535,
      """
      The UDP port of the STUN server, by convention 3478. \
      0: there is none, and no UDP connection requests, which must come from this port.
      """),
    .boolean(
      "stun.signed", \.stun.signed,
      """
      Whether a device that names itself must prove that it is that device. \
      Otherwise anybody may claim to be reached where it is not.
      """),
    .count(
      "stun.maxRate", \.stun.maxRate, 1...1_000_000,
      "How many packets a second are taken from one address; devices behind one NAT share it."),
    .count(
      "stun.maxBindings", \.stun.maxBindings, 2...10_000_000,
      "How many devices' addresses are remembered."),
  ]

  static let xmpp: [Setting] = [
    .text(
      "xmpp.jid", \.xmpp.jid, .jabberID,
      """
      The account at an XMPP server through which devices are asked to call, for example `acs@example.net/acs`. \
      Empty: no XMPP.
      """),
    .text(
      "xmpp.passwordFile", \.xmpp.passwordFile, .file,
      "The file whose first line is the account's password; it should be readable by the server alone."
    ),
    .text(
      "xmpp.host", \.xmpp.host, .optionalHost,
      "The XMPP server. Empty: that of the account's domain, as the DNS tells."),
    .count(
      "xmpp.port", \.xmpp.port, 0...65_535,
      "The port of `xmpp.host`. 0: 5222."),
    .choice(
      "xmpp.tls", \.xmpp.tls,
      """
      Whether the connection to the XMPP server must be TLS (required) or has none (off). \
      Without it, passwords of devices travel as they are.
      """),
    .text(
      "xmpp.certificateAuthorities", \.xmpp.certificateAuthorities, .file,
      "A PEM file of the authorities that may vouch for the XMPP server. Empty: those the system trusts."
    ),
    .list(
      "xmpp.domains", \.xmpp.domains, .domain,
      """
      The domains of devices' accounts: requests, and the passwords in them, are sent to no others, whatever a device tells. \
      Empty: that of `xmpp.jid`.
      """),
    .duration(
      "xmpp.timeout", \.xmpp.timeout, 1_000...120_000,
      "How long a device may take to answer a request that was sent through the XMPP server."),
    .count(
      "xmpp.maxPending", \.xmpp.maxPending, 1...100_000,
      "How many requests may wait for their answers through the XMPP server."),
    .duration(
      "xmpp.retryCap", \.xmpp.retryCap, 1_000...86_400_000,
      "The longest pause before a lost connection to the XMPP server is tried again, about."),
  ]
}
