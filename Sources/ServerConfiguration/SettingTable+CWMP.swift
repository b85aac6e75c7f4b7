/// The door for devices.
extension SettingTable {
  static let cwmp: [Setting] = [
    .text("cwmp.host", \.cwmp.host, .host, "The address on which devices are awaited."),
    .count(
      "cwmp.port", \.cwmp.port, 0...65_535,
      "The TCP port on which devices are awaited. 0: any free one, told when the server has started."
    ),
    .choice(
      "cwmp.enrolment", \.cwmp.enrolment,
      """
      Which devices are let in: those with a credential of their own (known), also those that show the shared \
      credential (shared), or every one without a credential (open).
      """),
    .text(
      "cwmp.realm", \.cwmp.realm, .realm,
      """
      The realm that devices are asked to authenticate for. \
      Stored credentials are bound to it: after a change they must be set anew.
      """),
    .choice(
      "cwmp.authentication", \.cwmp.authentication,
      """
      How devices prove who they are, unless a certificate does. \
      `basic` sends the password itself; `either` offers both. \
      On connections without TLS Digest is asked for in place of Basic, unless `cwmp.basicWithoutTLS` says otherwise.
      """),
    .boolean(
      "cwmp.basicWithoutTLS", \.cwmp.basicWithoutTLS,
      """
      Whether devices may send their passwords over connections on which this server speaks no TLS: \
      because a proxy in front of it does, or because whoever listens may have them.
      """),
    .list(
      "cwmp.digestAlgorithms", \.cwmp.digestAlgorithms, .digestAlgorithm,
      """
      The algorithms that Digest challenges offer, in this order. \
      Every CPE knows md5, and many read the first challenge only.
      """),
    .duration(
      "cwmp.nonceLifetime", \.cwmp.nonceLifetime, 10_000...3_600_000,
      "How long a Digest challenge may be answered; each answer is taken once."),
    .choice(
      "cwmp.deviceCredentials", \.cwmp.deviceCredentials,
      """
      Whether devices keep the credential with which they come (shared), or those that come with the shared one are given \
      one of their own (generated). \
      Once a device has shown its own, the shared one does not let it in any more.
      """),
    .boolean(
      "cwmp.withoutTLS", \.cwmp.withoutTLS,
      "Whether devices may come without TLS, on `cwmp.port`."),
    .count(
      "cwmp.tlsPort", \.cwmp.tlsPort, 0...65_535,
      """
      The TCP port on which devices are awaited with TLS, where `cwmp.tlsCertificate` names one. \
      0: any free one, told when the server has started.
      """),
    .text(
      "cwmp.tlsCertificate", \.cwmp.tlsCertificate, .file,
      """
      The server's certificate and those of the authorities between it and the root, in PEM. \
      Empty: no TLS. \
      It is read again when it changes, like the key and the authorities.
      """),
    .text(
      "cwmp.tlsKey", \.cwmp.tlsKey, .file,
      "The private key of `cwmp.tlsCertificate`, in PEM without a passphrase."),
    .text(
      "cwmp.tlsClientAuthorities", \.cwmp.tlsClientAuthorities, .file,
      "The authorities whose certificates are believed of devices, in PEM."),
    .choice(
      "cwmp.tlsClientCertificates", \.cwmp.tlsClientCertificates,
      """
      Whether devices are asked for certificates: never (off), without need (optional), or else they are not let in (required). \
      One whose common name is the device's (OUI-ProductClass-SerialNumber) takes the place of a credential.
      """),
    .duration(
      "cwmp.handshakeTimeout", \.cwmp.handshakeTimeout, 1_000...120_000,
      "How long a TLS handshake may take."),
    .count(
      "cwmp.maxHandshakes", \.cwmp.maxHandshakes, 1...100_000,
      "How many TLS handshakes may be under way at once; further connections are closed."),
    .duration(
      "cwmp.tlsReload", \.cwmp.tlsReload, 1_000...86_400_000,
      "The pause between two looks at whether the TLS files have changed."),
    .size(
      "cwmp.maxBody", \.cwmp.maxBody, (64 << 10)...(1 << 30),
      "The largest message taken from a device in a session, uncompressed."),
    .size(
      "cwmp.maxFirstBody", \.cwmp.maxFirstBody, (32 << 10)...(1 << 30),
      "The largest message taken as it comes from a device that has no session yet."),
    .size(
      "cwmp.maxArriving", \.cwmp.maxArriving, (1 << 20)...(1 << 40),
      """
      How much all such messages may be together that are arriving at a time. \
      Further ones are answered 503 and asked to come back later.
      """),
    .size(
      "cwmp.maxArrivingInSessions", \.cwmp.maxArrivingInSessions, (1 << 20)...(1 << 40),
      """
      How much the messages of open sessions may be together that are arriving at a time. \
      A session whose message finds no room is answered 503, and its device comes again.
      """),
    .size(
      "cwmp.maxHeaderBytes", \.cwmp.maxHeaderBytes, (4 << 10)...(1 << 20),
      "How long the header fields of a request may be together. One may be 16 KiB."),
    .count(
      "cwmp.maxHeaders", \.cwmp.maxHeaders, 20...10_000,
      "How many header fields a request may have."),
    .choice(
      "cwmp.compression", \.cwmp.compression,
      """
      Whether messages may be compressed with gzip or deflate: none (off), those of devices (requests), \
      also those to devices that compress their own and say that they take gzip (both).
      """),
    .count(
      "cwmp.maxCompressionRatio", \.cwmp.maxCompressionRatio, 10...2_000,
      "How many times its size a compressed message beyond 256 KiB may become."),
    .count(
      "cwmp.refusalLinesPerPeer", \.cwmp.refusalLinesPerPeer, 1...100_000,
      "How many lines a minute are logged about what one address was refused."),
    .count(
      "cwmp.refusalLines", \.cwmp.refusalLines, 1...1_000_000,
      "How many lines a minute are logged about what devices were refused in all."),
    .count(
      "cwmp.frequentCalls", \.cwmp.frequentCalls, 0...100_000,
      "From how many calls of one device in a minute on the log tells of it. 0: never."),
    .count(
      "cwmp.maxConnections", \.cwmp.maxConnections, 1...1_000_000,
      """
      How many devices may be connected at once. \
      Further ones are closed at once. \
      Each needs a file descriptor.
      """),
    .count(
      "cwmp.maxSessions", \.cwmp.maxSessions, 1...1_000_000,
      """
      How many sessions may be open at once. \
      Further ones are answered 503 and asked to come back later; sessions under way go on.
      """),
    .duration(
      "cwmp.sessionTimeout", \.cwmp.sessionTimeout, 1_000...3_600_000,
      "How long a device may be silent in an open session before it is closed."),
    .duration(
      "cwmp.maxSessionTimeout", \.cwmp.maxSessionTimeout, 1_000...3_600_000,
      "How long a device may be silent that asks for more time (the SOAP header SessionTimeout)."),
    .duration(
      "cwmp.maxSessionLength", \.cwmp.maxSessionLength, 10_000...86_400_000,
      "How long a session may last in all."),
    .duration(
      "cwmp.requestTimeout", \.cwmp.requestTimeout, 1_000...600_000,
      "How long a request that has begun may take to arrive."),
    .duration(
      "cwmp.retryAfter", \.cwmp.retryAfter, 1_000...3_600_000,
      "When a device that is put off with 503 shall come again, at the earliest."),
    .duration(
      "cwmp.retrySpread", \.cwmp.retrySpread, 0...3_600_000,
      "Over how long a time devices that are put off are spread after that."),
    .count(
      "cwmp.maxParameters", \.cwmp.maxParameters, 100...1_000_000,
      "How many parameters one message may carry."),
    .count(
      "cwmp.maxDepth", \.cwmp.maxDepth, 16...200,
      "How many XML elements of a message may be within each other."),
    .size(
      "cwmp.maxValue", \.cwmp.maxValue, (64 << 10)...(16 << 20),
      "How large one value in a message may be."),
    .count(
      "cwmp.maxRequests", \.cwmp.maxRequests, 10...1_000_000,
      "How many requests one session may send to a device, and how many messages it takes from it."),
    .count(
      "cwmp.threads", \.cwmp.threads, 0...256,
      "How many threads serve devices. 0: half as many as there are cores, since the database needs the others."
    ),
    .boolean(
      "cwmp.xmlDeclaration", \.cwmp.xmlDeclaration,
      """
      Whether messages to devices begin with an XML declaration. \
      Some CPEs fail on it; none is known to need it.
      """),
  ]
}
