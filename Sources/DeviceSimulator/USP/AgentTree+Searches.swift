import CWMP
import DeviceModel

/// The conditions of search paths (TR-369, 2.5.2).
extension AgentTree {
  func holds(_ comparison: InstancePath.Comparison, for row: Place) -> Bool {
    var place: Place? = row
    for part in comparison.path.dropLast() {
      guard let current = place else { return false }
      switch part {
      case .name(let name): place = current.object.object(name).map { child($0, of: current) }
      case .reference(let name, let item):
        place = current.object.parameter(name).flatMap {
          followed(value($0, of: current), item)
        }
      default: return false
      }
    }
    guard let place, case .name(let name)? = comparison.path.last,
      let parameter = place.object.parameter(name)
    else { return false }
    return Self.holds(
      comparison, reading(parameter, of: place), type: parameter.definition.type)
  }

  private func followed(_ list: String, _ item: InstancePath.ReferenceItem) -> Place? {
    let paths = list.split(separator: ",").map { $0.drop { $0 == " " } }
    switch item {
    case .only, .all: return paths.first.flatMap { self.place(at: $0) }
    case .number(let number):
      guard let index = Int(exactly: number), paths.indices.contains(index - 1) else { return nil }
      return self.place(at: paths[index - 1])
    }
  }

  private static func holds(
    _ comparison: InstancePath.Comparison, _ value: String, type: ValueType
  ) -> Bool {
    let wanted = comparison.value
    switch comparison.relation {
    case .equal: return equals(value, wanted, type)
    case .unequal: return !equals(value, wanted, type)
    case .contains:
      return value.split(separator: ",").contains { $0.drop { $0 == " " } == wanted }
    case .less, .atMost, .atLeast, .greater:
      guard let order = order(value, wanted, type) else { return false }
      switch comparison.relation {
      case .less: return order < 0
      case .atMost: return order <= 0
      case .atLeast: return order >= 0
      default: return order > 0
      }
    }
  }

  private static func equals(_ value: String, _ wanted: String, _ type: ValueType) -> Bool {
    switch type {
    case .boolean: (value == "true" || value == "1") == (wanted == "true" || wanted == "1")
    case .int, .unsignedInt, .long, .unsignedLong, .decimal: order(value, wanted, type) == 0
    default: value == wanted
    }
  }

  /// Negative, zero or positive; nil where there is no order (text, truth values).
  private static func order(_ value: String, _ wanted: String, _ type: ValueType) -> Int? {
    switch type {
    case .int, .unsignedInt, .long, .unsignedLong, .decimal:
      guard let one = Double(value), let other = Double(wanted) else { return nil }
      return one < other ? -1 : (one > other ? 1 : 0)
    case .dateTime:
      // UTC in one form: the order of the texts is that of the moments.
      return value < wanted ? -1 : (value > wanted ? 1 : 0)
    default: return nil
    }
  }
}
