import Fleet
import Foundation

/// The parameters that a Boot! brings along (TR-181, BootParameter): one JSON object.
enum ParameterMap {
  /// - Returns: by full path; nil where the text is not such an object.
  static func values(_ json: String) -> [String: String]? {
    guard json.utf8.count <= 256 << 10,
      let object = try? JSONDecoder().decode([String: Value].self, from: Data(json.utf8))
    else { return nil }
    return object.mapValues(\.text).filter { $0.key.utf8.count <= Contact.maxPathLength }
  }

  /// Agents write values as texts, or as JSON's own.
  private struct Value: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        self.text = text
      } else if let flag = try? container.decode(Bool.self) {
        text = flag ? "true" : "false"
      } else if let whole = try? container.decode(Int64.self) {
        text = "\(whole)"
      } else if let number = try? container.decode(Decimal.self) {
        text = "\(number)"
      } else {
        text = ""
      }
    }
  }
}
