/// A diagnostic that is under way.
struct DiagnosticRun: Sendable, Equatable {
  let kind: DiagnosticKind
  /// The path of its object, with the final dot.
  let base: String
  let due: Duration
}

/// The diagnostics that a device can do, whatever its data model calls them (TR-181 2, TR-098 1.8).
enum DiagnosticKind: String, Sendable, CaseIterable {
  case ping
  case traceRoute
  case download
  case upload
  case nameLookup
  case neighboringWiFi

  /// The object's path below the root.
  private var paths: [String] {
    switch self {
    case .ping: ["IP.Diagnostics.IPPing.", "IPPingDiagnostics."]
    case .traceRoute: ["IP.Diagnostics.TraceRoute.", "TraceRouteDiagnostics."]
    case .download: ["IP.Diagnostics.DownloadDiagnostics.", "DownloadDiagnostics."]
    case .upload: ["IP.Diagnostics.UploadDiagnostics.", "UploadDiagnostics."]
    case .nameLookup: ["DNS.Diagnostics.NSLookupDiagnostics.", "NSLookupDiagnostics."]
    case .neighboringWiFi: ["WiFi.NeighboringWiFiDiagnostic."]
    }
  }

  /// The diagnostic and its object that a path below the root lies in; nil if it lies in none.
  static func containing(_ relative: Substring) -> (kind: DiagnosticKind, base: String)? {
    for kind in allCases {
      for path in kind.paths where relative.hasPrefix(path) { return (kind, path) }
    }
    return nil
  }

  /// The parameter that names the host, as text or as part of a URL.
  var target: String? {
    switch self {
    case .ping, .traceRoute: "Host"
    case .download: "DownloadURL"
    case .upload: "UploadURL"
    case .nameLookup: "HostName"
    case .neighboringWiFi: nil
    }
  }
}
