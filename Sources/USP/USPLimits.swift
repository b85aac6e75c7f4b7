/// How much of a peer's Records and messages is taken.
package struct USPLimits: Sendable, Equatable {
  /// The bytes of a Record.
  package var recordBytes = 5 << 20
  /// The bytes of a message, put together of its segments.
  package var messageBytes = 8 << 20
  /// How many entries the lists and maps of a message have in all.
  package var messageItems = 200_000
  /// The bytes of a message ID.
  package var messageIDBytes = 256
  /// How long a message in segments may take to come, from its first segment, in seconds.
  package var assemblyTimeout = 60.0
  /// How many Records that came too early wait for those before them.
  package var earlyRecords = 64
  /// The bytes of all that.
  package var earlyBytes = 8 << 20
  /// How many Records that were sent are kept until the peer has acknowledged them.
  package var keptRecords = 256
  /// The bytes of all that.
  package var keptBytes = 8 << 20
  /// How often a Record is sent again, or asked for, before the session context starts anew.
  package var retransmissions = 3
  /// How long a missing Record is awaited before it is asked for, in seconds.
  package var retransmissionWait = 2.0
  /// How often in a row a session context may fail before the peer is given up.
  package var sessionFailures = 10

  package init() {}
}
