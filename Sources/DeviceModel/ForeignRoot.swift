/// The root element of a document that is none of the TR-106 schema family, in words for whoever took it for one.
struct ForeignRoot: CustomStringConvertible {
  var name: String
  var namespace: String?

  var description: String {
    let root = "the root element is “\(name)”" + (namespace.map { " of \($0)" } ?? "")
    return
      "\(root): \(kind); wanted is “document” of urn:broadband-forum-org:cwmp:datamodel-1-0 or newer, or of cwmp:devicetype-1-0 or newer"
  }

  /// What it is instead.
  private var kind: String {
    let namespace = namespace ?? ""
    return switch name {
    case "deviceType" where namespace.hasPrefix("urn:dslforum-org:hdm"), "deviceType":
      "a device type of a Home Device Manager (HDM), not a data model of TR-106"
    case "DeviceModel", "deviceModel", "DataModel", "dataModel":
      "a vendor's own list of parameters, not a data model of TR-106"
    case "schema" where namespace == "http://www.w3.org/2001/XMLSchema":
      "an XML Schema, which describes documents and is no data model itself"
    case "document": "a document in another namespace"
    case "Envelope": "a SOAP message"
    case "html": "a page of the web"
    case "Workbook", "workbook", "worksheet": "a spreadsheet"
    case "catalog": "a catalog of files"
    default: "not a data model"
    }
  }
}
