import CWMP
import Fleet
import FleetStore

/// The object of a device's tree through which it makes one kind of measurement, and the names of its arguments.
struct DiagnosisObject: Equatable {
  /// For example `Device.IP.Diagnostics.IPPing.`
  var path: String
  private var names: Names

  /// The names of arguments; nil where the object has none for it.
  struct Names: Equatable {
    var host: String?
    var url: String?
    var interface: String?
    var repetitions: String?
    var timeout: String?
    var dataBlockSize: String?
    var dscp: String?
    var maxHopCount: String?
    var fileLength: String?
    var server: String?
  }

  var statePath: String { path + "DiagnosticsState" }

  /// The object that the device has; where its tree does not tell, the one of the newest model.
  init(_ kind: Diagnosis.Kind, root: String, tree: TreeKnowledge?) {
    let paths = Self.paths(of: kind, root: root)
    path = paths.first { tree?.has($0 + "DiagnosticsState") == true } ?? paths[0]
    names = Self.names(of: kind)
  }

  /// The objects for a kind in the standard models (TR-181 2.19, TR-181 1.7, TR-098 1.8), the newest first.
  private static func paths(of kind: Diagnosis.Kind, root: String) -> [String] {
    let isTR098 = root == RootDataModel.internetGatewayDevice.rawValue
    let own = root.isEmpty ? RootDataModel.device.rawValue : root
    let names: [String]
    switch kind {
    case .ping:
      names =
        isTR098
        ? ["IPPingDiagnostics."]
        : ["IP.Diagnostics.IPPing.", "LAN.IPPingDiagnostics.", "IPPingDiagnostics."]
    case .traceRoute:
      names =
        isTR098
        ? ["TraceRouteDiagnostics."]
        : ["IP.Diagnostics.TraceRoute.", "LAN.TraceRouteDiagnostics.", "TraceRouteDiagnostics."]
    case .download:
      names =
        isTR098
        ? ["DownloadDiagnostics."]
        : ["IP.Diagnostics.DownloadDiagnostics.", "DownloadDiagnostics."]
    case .upload:
      names =
        isTR098
        ? ["UploadDiagnostics."] : ["IP.Diagnostics.UploadDiagnostics.", "UploadDiagnostics."]
    case .nsLookup:
      names =
        isTR098
        ? ["NSLookupDiagnostics."]
        : ["DNS.Diagnostics.NSLookupDiagnostics.", "NSLookupDiagnostics."]
    case .wifiNeighbors:
      // TR-098 has none; devices that have one all the same call it as TR-181 does.
      names = ["WiFi.NeighboringWiFiDiagnostic."]
    }
    return names.map { own + $0 }
  }

  private static func names(of kind: Diagnosis.Kind) -> Names {
    switch kind {
    case .ping:
      Names(
        host: "Host", interface: "Interface", repetitions: "NumberOfRepetitions",
        timeout: "Timeout", dataBlockSize: "DataBlockSize", dscp: "DSCP")
    case .traceRoute:
      Names(
        host: "Host", interface: "Interface", repetitions: "NumberOfTries", timeout: "Timeout",
        dataBlockSize: "DataBlockSize", dscp: "DSCP", maxHopCount: "MaxHopCount")
    case .download: Names(url: "DownloadURL", interface: "Interface", dscp: "DSCP")
    case .upload:
      Names(url: "UploadURL", interface: "Interface", dscp: "DSCP", fileLength: "TestFileLength")
    case .nsLookup:
      Names(
        host: "HostName", interface: "Interface", repetitions: "NumberOfRepetitions",
        timeout: "Timeout", server: "DNSServer")
    case .wifiNeighbors: Names()
    }
  }

  /// What is to be set, in one call, for the measurement to begin: its arguments, then the state.
  ///
  /// What is measured is always set; what is only a wish, where the device has the parameter or its tree does not tell.
  func values(for diagnosis: Diagnosis, tree: TreeKnowledge?) -> [ParameterValue] {
    let isKnown = tree?.has(statePath) == true
    var values: [ParameterValue] = []
    func add(_ name: String?, _ value: String?, _ type: ParameterType, isNeeded: Bool = false) {
      guard let name, let value, !value.isEmpty else { return }
      guard isNeeded || !isKnown || tree?.has(path + name) == true else { return }
      values.append(
        ParameterValue(
          name: path + name, value: value, type: ValueType(tree?.type(of: path + name) ?? type)))
    }
    func add(_ name: String?, _ number: Int?) { add(name, number.map(String.init), .unsignedInt) }
    add(names.interface, diagnosis.interface, .string)
    add(names.host, diagnosis.host, .string, isNeeded: true)
    add(names.url, diagnosis.url, .string, isNeeded: true)
    add(names.server, diagnosis.server, .string)
    add(names.repetitions, diagnosis.repetitions)
    add(names.timeout, diagnosis.timeout)
    add(names.dataBlockSize, diagnosis.dataBlockSize)
    add(names.dscp, diagnosis.dscp)
    add(names.maxHopCount, diagnosis.maxHopCount)
    add(names.fileLength, diagnosis.fileLength)
    values.append(ParameterValue(name: statePath, value: "Requested"))
    return values
  }
}
