import CWMP

/// Something that goes wrong on purpose in a share of all cases, as `download:9018:50`.
package struct Failure: Sendable, Equatable {
  package enum Subject: Sendable, Equatable {
    /// The file of a Download or ScheduleDownload cannot be used.
    case download
    /// The file of an Upload cannot be stored.
    case upload
    /// An operation of a ChangeDUState fails.
    case software
    /// A diagnostic ends in an error.
    case diagnostics
    /// The method is answered with a fault; the name in lower case.
    case method(String)
  }

  package var subject: Subject
  /// The fault that is reported.
  package var fault: FaultDetail
  package var percent: Double

  package init(subject: Subject, fault: FaultDetail, percent: Double = 100) {
    self.subject = subject
    self.fault = fault
    self.percent = percent
  }

  /// Reads `WHAT[:CODE][:PERCENT]`: download, upload, software, diagnostics, or a method such as reboot.
  ///
  /// `download-request` and `upload-request` mean the methods themselves.
  package init(_ text: String) throws(SimulatorError) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let name = parts[0].lowercased().filter { $0 != "-" }
    let usual: Int
    switch name {
    case "download": (subject, usual) = (.download, 9010)
    case "upload": (subject, usual) = (.upload, 9011)
    case "software": (subject, usual) = (.software, 9027)
    case "diagnostics": (subject, usual) = (.diagnostics, 9002)
    case "downloadrequest": (subject, usual) = (.method("download"), 9002)
    case "uploadrequest": (subject, usual) = (.method("upload"), 9002)
    default:
      guard SimulatedCPE.methods.contains(where: { $0.lowercased() == name }) else {
        throw SimulatorError(
          .invalidOption,
          "\"\(parts[0])\" cannot fail; there are: download, upload, software, diagnostics, "
            + "download-request, upload-request, "
            + SimulatedCPE.methods.joined(separator: ", "))
      }
      (subject, usual) = (.method(name), 9002)
    }
    guard parts.count <= 3, let code = parts.count > 1 ? Int(parts[1]) : usual,
      (9000...9899).contains(code), let percent = parts.count > 2 ? Double(parts[2]) : 100,
      percent > 0, percent <= 100
    else {
      throw SimulatorError(
        .invalidOption,
        "\"\(text)\": a failure is WHAT, WHAT:CODE or WHAT:CODE:PERCENT, with a code from 9000 to 9899"
      )
    }
    fault = FaultDetail(code: code, text: "Failed on purpose")
    self.percent = percent
  }
}
