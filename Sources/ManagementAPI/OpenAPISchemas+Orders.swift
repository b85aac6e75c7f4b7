import Fleet
import ManagementTypes

/// The schemas of orders: one for each kind of operation.
extension OpenAPISchemas {
  /// For example `SetOrder`.
  static func name(of kind: OperationKind) -> String {
    kind.rawValue.prefix(1).uppercased() + kind.rawValue.dropFirst() + "Order"
  }

  static let anyOrder: JSONValue = [
    "oneOf": .array(OperationKind.allCases.map { SchemaType.reference(name(of: $0)).schema }),
    "discriminator": [
      "propertyName": "kind",
      "mapping": .object(
        Dictionary(
          uniqueKeysWithValues: OperationKind.allCases.map {
            ($0.rawValue, .string("#/components/schemas/\(name(of: $0))"))
          })),
    ],
  ]

  static let orders: [OperationKind: Object] = Dictionary(
    uniqueKeysWithValues: OperationKind.allCases.map { ($0, order($0)) })

  /// What orders consist of.
  static let orderParts: [String: Object] = [
    "AttributeChange": part([
      Member("path", .text),
      Member("notification", .oneOf(Notification.allCases.map(\.word)), .optional),
      Member("accessList", .list(.text), .optional),
    ]),
    "TransferWindow": part([
      Member("start", .integer),
      Member("end", .integer),
      Member("mode", .oneOf(TransferWindow.Mode.allCases.map(\.rawValue)), .optional),
      Member("userMessage", .text, .optional),
      Member("maxRetries", .integer, .optional),
    ]),
    "SoftwareChange": part([
      Member("action", .oneOf(["install", "update", "uninstall"])),
      Member("file", .text, .optional),
      Member("url", .text, .optional),
      Member("username", .text, .optional),
      Member("password", .text, .optional),
      Member("uuid", .text, .optional),
      Member("version", .text, .optional),
      Member("environment", .text, .optional),
    ]),
  ]

  private static func part(_ members: [Member]) -> Object {
    var part = Object(members)
    part.isClosed = true
    return part
  }

  private static func order(_ kind: OperationKind) -> Object {
    let (description, members) = contents(of: kind)
    var order = part([Member("kind", .constant(kind.rawValue))] + members)
    order.description = description
    if kind == .download { order.alternatives = ["file", "url"] }
    return order
  }

  private static func contents(of kind: OperationKind) -> (String, [Member]) {
    switch kind {
    case .get:
      ("Reads values; a path that ends with a dot stands for all below it", [paths])
    case .set:
      ("Writes values, all or none", [Member("values", .list(.reference("TaskValue")))])
    case .add:
      (
        "Creates an instance; the paths of values are relative to it",
        [Member("object", .text), Member("values", .list(.reference("TaskValue")), .optional)]
      )
    case .delete: ("Removes an instance", [Member("object", .text)])
    case .refresh:
      ("Reads the tree anew, or what is below a path", [Member("path", .text, .optional)])
    case .reboot: ("Restarts the device", [])
    case .factoryReset: ("Makes the device forget its configuration", [])
    case .download: ("Makes the device fetch a file, stored here or elsewhere", download)
    case .upload:
      (
        "Makes the device send a file, which is stored here unless there is a URL",
        [
          Member("fileType", .text), Member("delay", .integer, .optional),
          Member("url", .text, .optional),
        ] + credentials
      )
    case .getAttributes: ("Tells how the device reports changes", [paths])
    case .setAttributes:
      (
        "Changes how the device reports changes",
        [Member("attributes", .list(.reference("AttributeChange")))]
      )
    case .scheduleContact:
      ("Makes the device call after so many seconds", [Member("delay", .integer)])
    case .changeSoftware:
      (
        "Installs, updates or removes software modules",
        [Member("changes", .list(.reference("SoftwareChange")))]
      )
    case .cancelTransfer:
      ("Takes back a transfer that has not begun", [Member("commandKey", .text)])
    case .listTransfers:
      ("Lists transfers that have not ended", [Member("onlyOrdered", .flag, .optional)])
    case .listMethods: ("Lists the methods that the device understands", [])
    case .setVouchers:
      ("Hands vouchers to the device, in Base64", [Member("vouchers", .list(.text))])
    case .getOptions: ("Lists options of the device", [Member("name", .text, .optional)])
    case .diagnose: ("Lets the device measure something", diagnosis)
    case .command:
      (
        "Runs a command of the data model",
        [Member("command", .text), Member("arguments", .map(.text), .optional)]
      )
    }
  }

  private static let paths = Member("paths", .list(.text))

  private static let credentials = [
    Member("username", .text, .optional), Member("password", .text, .optional),
  ]

  private static let download =
    [
      Member("file", .text, .optional),
      Member("url", .text, .optional),
      Member("size", .integer, .optional),
      Member("fileType", .text, .optional),
      Member("targetFileName", .text, .optional),
      Member("expectedVersion", .text, .optional),
      Member("delay", .integer, .optional),
      Member("windows", .list(.reference("TransferWindow")), .optional),
      Member("successURL", .text, .optional),
      Member("failureURL", .text, .optional),
      Member("stage", .oneOf(DownloadOrder.Stage.allCases.map(\.rawValue)), .optional),
    ] + credentials

  private static let diagnosis =
    [Member("diagnosis", .oneOf(Diagnosis.Kind.allCases.map(\.rawValue)))]
    + ["host", "url", "interface", "server"].map { Member($0, .text, .optional) }
    + [
      "repetitions", "timeout", "dataBlockSize", "dscp", "maxHopCount", "fileLength",
    ].map { Member($0, .integer, .optional) }
}
