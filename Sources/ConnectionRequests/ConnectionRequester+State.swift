import Fleet

/// What others may know of the requests under way.
extension ConnectionRequester {
  /// What this node does to make some devices call; those that nobody asks are left out.
  package func requests(of devices: Set<Device.ID>) -> [Device.ID: CallRequest] {
    var requests: [Device.ID: CallRequest] = [:]
    for device in devices {
      guard let entry = entries[device], entry.isBusy else { continue }
      requests[device] = entry.plan == nil ? .pausing : .underWay
    }
    return requests
  }
}
