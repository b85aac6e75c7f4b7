import USP

/// Configuration and log files (TR-181 VendorConfigFile.{i}.Backup() and Restore(), VendorLogFile.{i}.Upload()).
extension USPAgent {
  /// The settings as lines `path=value`, without secrets.
  var configurationFile: [UInt8] {
    var text = "# \(tree.model.device.name) \(serialNumber)\n"
    tree.forEach(below: tree.root, levels: 0) { object in
      for parameter in object.object.parameters
      where parameter.isWritable && !parameter.definition.isHidden {
        text += "\(object.path)\(parameter.name)=\(tree.value(parameter, of: object))\n"
      }
    }
    return Array(text.utf8)
  }

  var logFile: [UInt8] {
    func line(_ moment: Int64, _ message: String) -> String {
      "\(DateTimeText.format(moment)) \(serialNumber) \(message)\n"
    }
    let clock = tree.time.clock
    let text =
      line(clock - tree.time.uptime, "boot complete, boots so far: \(tally.boots)")
      + line(clock, "requests \(tally.requests), notifications \(tally.notifications)")
      + line(clock, "software version \(tree.value("Device.DeviceInfo.SoftwareVersion") ?? "")")
    return Array(text.utf8)
  }

  /// The file that ``Effect/store(_:contents:)`` was about is there, or not.
  package mutating func stored(
    _ outcome: UploadOutcome, for transfer: AgentTransfer, at now: Duration
  ) -> [Effect] {
    guard power == .on, let request = requests.first(where: { $0.row == transfer.request }),
      request.stage == .moving
    else { return [] }
    setTime(now)
    var failure: String?
    switch outcome {
    case .stored:
      if random.happens(percent: behaviour.failUpload) { failure = "Upload interrupted" }
    case .unreachable: failure = "File server unreachable"
    case .interrupted: failure = "Upload interrupted"
    case .refused(let status): failure = "File server answered \(status)"
    }
    if let failure {
      fail(request, failure, now)
    } else {
      tellTransfer(request, "Upload", fault: nil, now)
      complete(request, .success([:]), now)
      notes.append(.uploaded)
    }
    return finish(now)
  }

  /// A configuration that came by Restore(); what stands in it is not looked at, since nothing but its digest is kept.
  mutating func configurationFetched(
    _ outcome: DownloadOutcome, _ request: RunningRequest, _ now: Duration
  ) {
    switch outcome {
    case .received(let size, let sha256, _):
      let expected = UInt64(request.argument("FileSize")) ?? 0
      let checksum = request.argument("CheckSum").lowercased()
      guard expected == 0 || expected == size else {
        return fail(request, "File has \(size) bytes", now)
      }
      guard checksum.isEmpty || checksum == sha256.lowercased() else {
        return fail(request, "Checksum differs", now)
      }
      tree.set(request.object + "Date", to: DateTimeText.format(tree.time.clock))
      tellTransfer(request, "Download", fault: nil, now)
      complete(request, .success([:]), now)
    case .refused(let status): fail(request, "File server answered \(status)", now)
    case .unreachable: fail(request, "File server unreachable", now)
    case .interrupted: fail(request, "Download interrupted", now)
    }
  }
}
