/// What the messages of the schema hold, as far as their bytes must be looked at before they are read: a reader of protobuf takes the last
/// member of a `oneof` and any number of items, where TR-369 forbids the one (R-ENC.3) and memory the other.
enum WireShape: Int, CaseIterable {
  case record, noSession, session, mqttConnect, stompConnect, leaf
  case message, header, body, request, response, error
  case paths, operate, add, createObject, notify, event, operationComplete
  case getResp, getResult, resolvedPath
  case supportedDM, supportedObjects, supportedObject, supportedParameter, supportedCommand
  case supportedEvent, uniqueKeySet
  case instances, instanceResult, instance
  case addResp, createdObject, addStatus, addSuccess
  case deleteResp, deletedObject, deleteStatus, deleteSuccess
  case setResp, updatedObject, setStatus, setFailure, setSuccess, instanceFailure, updatedInstance
  case operateResp, operationResult, outputArguments
  case registerResp, registeredPath, registerStatus
  case deregisterResp, deregisteredPath, deregisterStatus, deregisterSuccess

  enum Field {
    case unknown
    /// Of the greatest number that the schema gives a name.
    case enumeration(last: UInt64)
    /// A text or a map's entry that may be there many times.
    case item
    case items(WireShape)
    case one(WireShape)
    /// A member of the message's one `oneof`.
    case member(WireShape)
    /// A text among the members.
    case plainMember
  }

  /// Whether there is a `oneof`, of which one member must be there.
  var isChoice: Bool { Self.table.isChoice[rawValue] }

  func field(_ number: UInt64) -> Field {
    let fields = Self.table.fields[rawValue]
    guard number < fields.count else { return .unknown }
    return fields[Int(number)]
  }

  private struct Table {
    var fields: [[Field]]
    var isChoice: [Bool]
  }

  private static let table: Table = {
    let fields = allCases.map { shape in
      let known = shape.known
      var fields = [Field](repeating: .unknown, count: (known.keys.max() ?? 0) + 1)
      for (number, field) in known { fields[number] = field }
      return fields
    }
    let isChoice = fields.map { fields in
      fields.contains {
        switch $0 {
        case .member, .plainMember: true
        default: false
        }
      }
    }
    return Table(fields: fields, isChoice: isChoice)
  }()

  private var known: [Int: Field] {
    switch self {
    case .leaf: [:]
    case .record:
      [
        4: .enumeration(last: 1), 7: .member(.noSession), 8: .member(.session), 9: .member(.leaf),
        10: .member(.mqttConnect), 11: .member(.stompConnect), 12: .member(.leaf),
        13: .member(.leaf),
      ]
    case .noSession: [:]
    case .session: [5: .enumeration(last: 3), 6: .enumeration(last: 3), 7: .item]
    case .mqttConnect: [1: .enumeration(last: 1)]
    case .stompConnect: [1: .enumeration(last: 0)]

    case .message: [1: .one(.header), 2: .one(.body)]
    // The body tells the type (R-MSG.10), whatever number stands here.
    case .header: [:]
    case .body: [1: .member(.request), 2: .member(.response), 3: .member(.error)]
    case .request:
      [
        1: .member(.paths), 2: .member(.paths), 3: .member(.paths), 4: .member(.add),
        5: .member(.add), 6: .member(.paths), 7: .member(.operate), 8: .member(.notify),
        9: .member(.leaf), 10: .member(.paths), 11: .member(.paths),
      ]
    case .response:
      [
        1: .member(.getResp), 2: .member(.supportedDM), 3: .member(.instances),
        4: .member(.setResp), 5: .member(.addResp), 6: .member(.deleteResp),
        7: .member(.operateResp), 8: .member(.leaf), 9: .member(.leaf), 10: .member(.registerResp),
        11: .member(.deregisterResp),
      ]
    case .error: [3: .item]

    // Get, GetSupportedDM, GetInstances and Deregister have their paths in field 1, Delete and Register in field 2.
    case .paths: [1: .item, 2: .item]
    case .operate: [4: .item]
    case .add: [2: .items(.createObject)]
    case .createObject: [2: .item]
    case .notify:
      [
        3: .member(.event), 4: .member(.leaf), 5: .member(.createObject), 6: .member(.leaf),
        7: .member(.operationComplete), 8: .member(.leaf),
      ]
    case .event: [3: .item]
    case .operationComplete: [4: .member(.outputArguments), 5: .member(.leaf)]
    case .outputArguments: [1: .item]

    case .getResp: [1: .items(.getResult)]
    case .getResult: [4: .items(.resolvedPath)]
    case .resolvedPath: [2: .item]
    case .supportedDM: [1: .items(.supportedObjects)]
    case .supportedObjects: [5: .items(.supportedObject)]
    case .supportedObject:
      [
        2: .enumeration(last: 3), 4: .items(.supportedCommand), 5: .items(.supportedEvent),
        6: .items(.supportedParameter), 7: .item, 8: .items(.uniqueKeySet),
      ]
    case .supportedParameter:
      [2: .enumeration(last: 2), 3: .enumeration(last: 10), 4: .enumeration(last: 2)]
    case .supportedCommand: [2: .item, 3: .item, 4: .enumeration(last: 2)]
    case .supportedEvent: [2: .item]
    case .uniqueKeySet: [1: .item]
    case .instances: [1: .items(.instanceResult)]
    case .instanceResult: [4: .items(.instance)]
    case .instance: [2: .item]
    case .addResp: [1: .items(.createdObject)]
    case .createdObject: [2: .one(.addStatus)]
    case .addStatus: [1: .member(.leaf), 2: .member(.addSuccess)]
    case .addSuccess: [2: .item, 3: .item]
    case .deleteResp: [1: .items(.deletedObject)]
    case .deletedObject: [2: .one(.deleteStatus)]
    case .deleteStatus: [1: .member(.leaf), 2: .member(.deleteSuccess)]
    case .deleteSuccess: [1: .item, 2: .item]
    case .setResp: [1: .items(.updatedObject)]
    case .updatedObject: [2: .one(.setStatus)]
    case .setStatus: [1: .member(.setFailure), 2: .member(.setSuccess)]
    case .setFailure: [3: .items(.instanceFailure)]
    case .setSuccess: [1: .items(.updatedInstance)]
    case .instanceFailure: [2: .item]
    case .updatedInstance: [2: .item, 3: .item]
    case .operateResp: [1: .items(.operationResult)]
    case .operationResult: [2: .plainMember, 3: .member(.outputArguments), 4: .member(.leaf)]
    case .registerResp: [1: .items(.registeredPath)]
    case .registeredPath: [2: .one(.registerStatus)]
    case .registerStatus: [1: .member(.leaf), 2: .member(.leaf)]
    case .deregisterResp: [1: .items(.deregisteredPath)]
    case .deregisteredPath: [2: .one(.deregisterStatus)]
    case .deregisterStatus: [1: .member(.leaf), 2: .member(.deregisterSuccess)]
    case .deregisterSuccess: [1: .item]
    }
  }
}
