import Fleet
import FleetStore

/// What the stored tree of a device tells about the paths and values of an operation.
struct TreeKnowledge: Sendable {
  /// Sorted by path.
  private let parameters: [StoredParameter]
  private let root: String

  /// - Parameter parameters: sorted by path, as ``FleetStore/tree(of:)`` gives them.
  init(_ parameters: [StoredParameter], root: String) {
    self.parameters = parameters
    self.root = root
  }

  /// Whether nothing is known but what came with calls: no object was ever listed.
  var isUnread: Bool { !parameters.contains(where: \.isObject) }

  /// Whether the device takes `*` in place of an instance (ManagementServer.InstanceWildcardsSupported).
  var supportsWildcards: Bool { isTrue("ManagementServer.InstanceWildcardsSupported") }

  /// Whether the device takes aliases (ManagementServer.AliasBasedAddressing).
  var supportsAliases: Bool { isTrue("ManagementServer.AliasBasedAddressing") }

  func value(at path: String) -> String? { parameter(at: path)?.value }

  func has(_ path: String) -> Bool { parameter(at: path) != nil }

  private func isTrue(_ name: String) -> Bool {
    guard let value = value(at: root + name) else { return false }
    return value == "1" || value.lowercased() == "true"
  }

  private func parameter(at path: String) -> StoredParameter? {
    let position = firstPosition(from: path)
    guard position < parameters.count, parameters[position].path == path else { return nil }
    return parameters[position]
  }

  private func firstPosition(from path: String) -> Int {
    var low = 0
    var high = parameters.count
    while low < high {
      let middle = (low + high) / 2
      if parameters[middle].path < path { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// All that is stored below an object.
  func parameters(below object: String) -> ArraySlice<StoredParameter> {
    let rest = parameters[firstPosition(from: object)...]
    return rest.prefix { $0.path.hasPrefix(object) }
  }

  // MARK: - Instances

  /// The numbers of the instances of a table whose path ends with a dot.
  func instances(of table: String) -> Set<Substring> {
    var found: Set<Substring> = []
    for parameter in parameters(below: table) {
      let part = parameter.path.dropFirst(table.count).prefix { $0 != "." }
      if part.isInstance { found.insert(part) }
    }
    return found
  }

  /// The path with numbers in place of aliases; nil where the tree does not tell one of them.
  func numbered(_ path: String) -> String? {
    guard path.utf8.contains(UInt8(ascii: "[")) else { return path }
    var known = ""
    for part in path.split(separator: ".", omittingEmptySubsequences: false) {
      if part.first == "[", part.last == "]" {
        guard let number = instance(named: part.dropFirst().dropLast(), of: known) else {
          return nil
        }
        known += number + "."
      } else if !part.isEmpty {
        known += part + "."
      }
    }
    return path.hasSuffix(".") ? known : String(known.dropLast())
  }

  private func instance(named alias: Substring, of table: String) -> Substring? {
    for parameter in parameters(below: table) where parameter.value == String(alias) {
      let rest = parameter.path.dropFirst(table.count)
      let number = rest.prefix { $0 != "." }
      if number.isInstanceNumber, rest.dropFirst(number.count) == ".Alias" { return number }
    }
    return nil
  }

  /// The stored paths for which a path with wildcards stands, sorted.
  /// - Parameter limit: more than so many are not worth the counting.
  /// - Returns: nil where there are more than the limit.
  func expanded(_ pattern: String, atMost limit: Int) -> [String]? {
    let parts = pattern.split(separator: ".")
    let isObject = pattern.hasSuffix(".")
    let stem = parts.prefix { $0 != "*" }.joined(separator: ".") + "."
    var found: [String] = []
    for parameter in parameters(below: stem) where parameter.isObject == isObject {
      let others = parameter.path.split(separator: ".")
      guard others.count == parts.count,
        zip(parts, others).allSatisfy({ $0 == $1 || ($0 == "*" && $1.isInstance) })
      else { continue }
      guard found.count < limit else { return nil }
      found.append(parameter.path)
    }
    return found
  }

  // MARK: - Types

  /// The type of a parameter: as the device told it, else as the standard models say.
  func type(of path: String) -> ParameterType? {
    let path = numbered(path) ?? path
    if let parameter = parameter(at: path), parameter.value != nil { return parameter.type }
    return nil
  }

  /// The type that a parameter has in other instances of a table.
  /// - Parameter name: relative to the instance.
  func type(of name: String, inInstancesOf table: String) -> ParameterType? {
    let table = numbered(table) ?? table
    for parameter in parameters(below: table) where parameter.value != nil {
      let rest = parameter.path.dropFirst(table.count)
      let number = rest.prefix { $0 != "." }
      if rest.dropFirst(number.count + 1) == name { return parameter.type }
    }
    return nil
  }
}

extension StandardModel {
  /// The type that the standard models give a parameter, whatever its instances are called.
  static func type(ofAddressed path: String) -> ParameterType? {
    guard path.utf8.contains(UInt8(ascii: "[")) else { return type(of: path) }
    let parts = path.split(separator: ".", omittingEmptySubsequences: false)
    return type(of: parts.map { $0.first == "[" ? "1" : $0 }.joined(separator: "."))
  }
}
