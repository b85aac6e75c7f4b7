/// What quirks have to remember of a device.
struct QuirkMemory: Sendable, Equatable {
  /// Requests of the ACS in the session that runs.
  var requestsInSession = 0
  /// Reports that were sent once already although the ACS has taken them.
  var repeatedReports: Set<Int> = []
  var hadSessionAtOnce = false
  var hadSecondInform = false
  var hadFirstContact = false
  var hadCut = false
  var hadPowerLoss = false
}
