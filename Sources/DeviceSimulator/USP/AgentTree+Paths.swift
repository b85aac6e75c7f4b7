import DeviceModel
import USP

/// Paths of requests: search paths, references, commands and events (TR-369, 2.5).
extension AgentTree {
  /// What a path's last part is.
  enum Leaf: Sendable {
    case object
    case parameter(AgentParameter)
    case command(AgentCommand)
    case event
  }

  /// What a path denotes.
  struct Resolution: Sendable {
    var places: [Place]
    var leaf: Leaf
    /// Nothing found is then an empty result and no failure (R-MSG.4a).
    var isSearch: Bool
  }

  enum PathProblem: Error, Sendable, Equatable {
    case syntax(String)
    /// Not in the supported data model.
    case unsupported(String)
    /// Supported, but there is no such row.
    case missing(String)

    var code: USPErrorCode {
      switch self {
      case .syntax: .invalidPathSyntax
      case .unsupported: .invalidPath
      case .missing: .objectDoesNotExist
      }
    }

    var text: String {
      switch self {
      case .syntax(let path): "\(path) is no path"
      case .unsupported(let path): "\(path) is not in the supported data model"
      case .missing(let path): "\(path) is not there"
      }
    }
  }

  /// Bytes of a path at most, places that one may denote at most.
  private static let maximumLength = 4096
  private static let maximumPlaces = 10_000

  func resolve(_ text: String) throws(PathProblem) -> Resolution {
    guard text.utf8.count <= Self.maximumLength else { throw .syntax(String(text.prefix(64))) }
    let path: InstancePath
    do {
      path = try InstancePath(text, taking: .usp)
    } catch {
      throw .syntax(text)
    }
    return try resolve(path, text)
  }

  func resolve(_ path: InstancePath, _ text: String) throws(PathProblem) -> Resolution {
    guard case .name(model.root.name)? = path.parts.first else { throw .unsupported(text) }
    try check(path, text)
    var resolution = Resolution(places: [root], leaf: .object, isSearch: false)
    for (index, part) in path.parts.enumerated().dropFirst() {
      let isLast = index == path.parts.count - 1
      if isLast, case .name(let name) = part, path.ending != .object,
        let leaf = leaf(name, path.ending, in: resolution.places, path)
      {
        resolution.leaf = leaf
        return resolution
      }
      resolution.places = try step(part, from: resolution.places, text)
      switch part {
      case .wildcard, .search, .reference: resolution.isSearch = true
      default: break
      }
      guard resolution.places.count <= Self.maximumPlaces else { throw .unsupported(text) }
    }
    // `Device.X.1` and `Device.X` are objects without their dot; a command must be one.
    guard path.ending == .object || path.ending == .parameter else { throw .unsupported(text) }
    return resolution
  }

  private func leaf(
    _ name: String, _ ending: InstancePath.Ending, in places: [Place], _ path: InstancePath
  ) -> Leaf? {
    guard let object = places.first?.object ?? supportedObject(path.parts.dropLast()) else {
      return nil
    }
    switch ending {
    case .parameter: return object.parameter(name).map { .parameter($0) }
    case .command: return object.command(name + "()").map { .command($0) }
    case .event: return object.events[name + "!"].map { _ in .event }
    case .object: return nil
    }
  }

  private func step(_ part: InstancePath.Part, from places: [Place], _ text: String)
    throws(PathProblem) -> [Place]
  {
    var next: [Place] = []
    for place in places {
      switch part {
      case .name(let name):
        guard !place.isTable, let object = place.object.object(name) else {
          throw .unsupported(text)
        }
        next.append(child(object, of: place))
      case .instance(let number):
        guard place.isTable else { throw .unsupported(text) }
        guard let number = UInt32(exactly: number), numbers(of: place).contains(number) else {
          throw .missing(text)
        }
        next.append(row(number, of: place))
      case .wildcard, .placeholder:
        guard place.isTable else { throw .unsupported(text) }
        next += rows(of: place)
      case .search(let comparisons):
        guard place.isTable else { throw .unsupported(text) }
        next += rows(of: place).filter { row in comparisons.allSatisfy { holds($0, for: row) } }
      case .reference(let name, let item):
        guard !place.isTable, let parameter = place.object.parameter(name) else {
          throw .unsupported(text)
        }
        next += referred(value(parameter, of: place), item)
      case .alias: throw .syntax(text)
      }
    }
    return next
  }

  /// What a list of references means; what is not there is left out.
  private func referred(_ list: String, _ item: InstancePath.ReferenceItem) -> [Place] {
    let paths = list.split(separator: ",").map { $0.drop { $0 == " " } }
    let chosen: [Substring]
    switch item {
    case .only: chosen = Array(paths.prefix(1))
    case .number(let number): chosen = Array(paths.dropFirst(Int(clamping: number) - 1).prefix(1))
    case .all: chosen = paths
    }
    return chosen.compactMap { place(at: $0) }
  }

  // MARK: The supported data model

  /// Throws for what the supported data model does not have, also where there are no rows.
  private func check(_ path: InstancePath, _ text: String) throws(PathProblem) {
    // What references lead to is known only when they are followed.
    let isFollowing = path.parts.contains { part in
      if case .reference = part { true } else { false }
    }
    guard !isFollowing else { return }
    for (index, part) in path.parts.enumerated() {
      guard case .search(let comparisons) = part,
        let table = supportedObject(path.parts[..<index])
      else { continue }
      for comparison in comparisons where !isSupported(comparison, in: table) {
        throw .unsupported(text)
      }
    }
    if supportedObject(path.parts[...]) != nil {
      if path.ending == .object || path.ending == .parameter { return }
      throw .unsupported(text)
    }
    guard case .name(let name)? = path.parts.last,
      let owner = supportedObject(path.parts.dropLast()),
      !owner.isTable || path.parts.dropLast().last?.isInstance == true
    else { throw .unsupported(text) }
    let isThere =
      switch path.ending {
      case .parameter: owner.parameter(name) != nil
      case .command: owner.command(name + "()") != nil
      case .event: owner.events[name + "!"] != nil
      case .object: false
      }
    guard isThere else { throw .unsupported(text) }
  }

  private func isSupported(_ comparison: InstancePath.Comparison, in table: AgentObject) -> Bool {
    var object = table
    for part in comparison.path.dropLast() {
      switch part {
      case .name(let name):
        guard let next = object.object(name), !next.isTable else { return false }
        object = next
      default: return true
      }
    }
    guard case .name(let name)? = comparison.path.last else { return false }
    return object.parameter(name) != nil
  }

  /// The object that parts denote whatever the rows; nil where they denote none.
  func supportedObject(_ parts: ArraySlice<InstancePath.Part>) -> AgentObject? {
    guard case .name(model.root.name)? = parts.first else { return nil }
    var object = model.root
    var mayHaveRow = false
    for part in parts.dropFirst() {
      switch part {
      case .name(let name):
        guard !mayHaveRow || !object.isTable, let next = object.object(name) else { return nil }
        object = next
        mayHaveRow = next.isTable
      case .reference: return nil
      default:
        guard mayHaveRow else { return nil }
        mayHaveRow = false
      }
    }
    return object
  }
}
