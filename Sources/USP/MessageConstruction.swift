import SwiftProtobuf

extension USPMsg {
  package static func request(id: String, _ request: USPRequest.OneOf_ReqType) -> USPMsg {
    var body = USPRequest()
    body.reqType = request
    return USPMsg(id: id, body: .request(body))
  }

  /// - Parameter id: of the request.
  package static func response(to id: String, _ response: USPResponse.OneOf_RespType) -> USPMsg {
    var body = USPResponse()
    body.respType = response
    return USPMsg(id: id, body: .response(body))
  }

  /// - Parameters:
  ///   - id: of the request.
  ///   - text: what people are told; the code's title where nothing is said.
  package static func error(
    to id: String, _ code: USPErrorCode, _ text: String? = nil,
    parameters: [USPError.ParamError] = []
  ) -> USPMsg {
    var body = USPError()
    body.errCode = code.rawValue
    body.errMsg = text ?? code.title
    body.paramErrs = parameters
    return USPMsg(id: id, body: .error(body))
  }

  package static func error(to id: String, _ fault: USPFault) -> USPMsg {
    error(to: id, fault.code, fault.text)
  }

  private init(id: String, body: USPBody.OneOf_MsgBody) {
    self.init()
    header.msgID = id
    self.body.msgBody = body
    header.msgType = typeOfBody
  }

  package var id: String { header.msgID }

  /// What it asks; nil in a response or an error.
  package var request: USPRequest.OneOf_ReqType? {
    guard case .request(let request)? = body.msgBody else { return nil }
    return request.reqType
  }

  /// What it answers; nil in a request or an error.
  package var response: USPResponse.OneOf_RespType? {
    guard case .response(let response)? = body.msgBody else { return nil }
    return response.respType
  }

  /// What failed; nil in a request or a response.
  package var failure: USPError? {
    guard case .error(let error)? = body.msgBody else { return nil }
    return error
  }

  /// What the body is, which wins over what the header says (TR-369 R-MSG.10).
  package var typeOfBody: USPHeader.MsgType {
    switch body.msgBody {
    case .request(let request): request.reqType?.messageType ?? .error
    case .response(let response): response.respType?.messageType ?? .error
    case .error, nil: .error
    }
  }
}

extension USPRequest.OneOf_ReqType {
  package var messageType: USPHeader.MsgType {
    switch self {
    case .get: .get
    case .getSupportedDm: .getSupportedDm
    case .getInstances: .getInstances
    case .set: .set
    case .add: .add
    case .delete: .delete
    case .operate: .operate
    case .notify: .notify
    case .getSupportedProtocol: .getSupportedProto
    case .register: .register
    case .deregister: .deregister
    }
  }
}

extension USPResponse.OneOf_RespType {
  package var messageType: USPHeader.MsgType {
    switch self {
    case .getResp: .getResp
    case .getSupportedDmResp: .getSupportedDmResp
    case .getInstancesResp: .getInstancesResp
    case .setResp: .setResp
    case .addResp: .addResp
    case .deleteResp: .deleteResp
    case .operateResp: .operateResp
    case .notifyResp: .notifyResp
    case .getSupportedProtocolResp: .getSupportedProtoResp
    case .registerResp: .registerResp
    case .deregisterResp: .deregisterResp
    }
  }
}

extension USPHeader.MsgType {
  /// As the schema spells it: `GET_RESP`; a number for one that is unknown.
  package var name: String {
    switch self {
    case .error: "ERROR"
    case .get: "GET"
    case .getResp: "GET_RESP"
    case .notify: "NOTIFY"
    case .set: "SET"
    case .setResp: "SET_RESP"
    case .operate: "OPERATE"
    case .operateResp: "OPERATE_RESP"
    case .add: "ADD"
    case .addResp: "ADD_RESP"
    case .delete: "DELETE"
    case .deleteResp: "DELETE_RESP"
    case .getSupportedDm: "GET_SUPPORTED_DM"
    case .getSupportedDmResp: "GET_SUPPORTED_DM_RESP"
    case .getInstances: "GET_INSTANCES"
    case .getInstancesResp: "GET_INSTANCES_RESP"
    case .notifyResp: "NOTIFY_RESP"
    case .getSupportedProto: "GET_SUPPORTED_PROTO"
    case .getSupportedProtoResp: "GET_SUPPORTED_PROTO_RESP"
    case .register: "REGISTER"
    case .registerResp: "REGISTER_RESP"
    case .deregister: "DEREGISTER"
    case .deregisterResp: "DEREGISTER_RESP"
    case .UNRECOGNIZED(let number): String(number)
    }
  }
}
