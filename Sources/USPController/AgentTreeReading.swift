import DeviceModel
import Fleet
import FleetStore
import Foundation
import USP

/// Reads an agent's tree, or a part of it: which instances there are, then the values, in requests of a bounded size.
///
/// Which objects there are, and what may be done with them, is the firmware's supported model.
final class AgentTreeReading {
  /// An object's path, or nothing for the whole tree.
  let path: String
  private let supported: SupportedObjects
  private let limits: AgentReadingLimits
  /// Whether the agent knows `max_depth` (1.2 and later).
  private let knowsDepth: Bool
  private(set) var names: [String: Bool] = [:]
  private(set) var values: [ReportedValue] = []
  private(set) var isComplete = false
  /// True where the agent has more than the limits let be taken.
  private(set) var isCut = false
  private(set) var refusedCount = 0
  private var valueBytes = 0
  /// Whether no more values are taken.
  private var isFull = false
  /// What the agent says not to have.
  private var missing: Set<String> = []
  /// Whether something could not be read this time.
  private var isHindered = false

  init(
    path: String, supported: SupportedObjects, knowsDepth: Bool, limits: AgentReadingLimits
  ) {
    self.path = path.isEmpty ? "Device." : path
    self.supported = supported
    self.knowsDepth = knowsDepth
    self.limits = limits
  }

  /// - Returns: nil where the tree has been read.
  nonisolated(nonsending) func run(_ ask: AskAgent) async -> AgentRefusal? {
    // What is stored would be taken for gone otherwise.
    guard !supported.isEmpty else {
      return .broken(reason: "it is not known what the agent supports")
    }
    let instances: [String]
    switch await instancePaths(ask) {
    case .success(let paths): instances = paths
    case .failure(let refusal): return refusal
    }
    let plan = objects(with: instances)
    guard !plan.isEmpty else {
      return .refused(
        OperationFault(
          uspCode: USPErrorCode.objectDoesNotExist.rawValue, text: "There is nothing at \(path)"))
    }
    var batches = knowsDepth ? batches(of: plan) : [[path]]
    batches.reverse()
    var hasAnswered = batches.isEmpty
    var refusal: AgentRefusal?
    while let batch = batches.popLast() {
      var get = USPGet()
      get.paramPaths = batch
      get.maxDepth = knowsDepth ? 1 : 0
      let answer = await ask(.get(get))
      guard case .response(.getResp(let response)) = answer else {
        let answered = AgentRefusal(answer, to: "Get")
        guard case .refused(let fault) = answered else { return answered }
        guard batch.count > 1 else {
          refusal = refusal ?? answered
          note(fault, at: batch[0])
          continue
        }
        // It is too much at once, or one path spoils the others.
        batches.append(Array(batch[(batch.count / 2)...]))
        batches.append(Array(batch[..<(batch.count / 2)]))
        continue
      }
      for result in response.reqPathResults {
        if result.errCode == 0 {
          hasAnswered = true
        } else {
          let fault = OperationFault(uspCode: result.errCode, text: result.errMsg)
          refusal = refusal ?? .refused(fault)
          note(fault, at: result.requestedPath)
        }
        take(result)
      }
      guard !isFull else { break }
    }
    if !hasAnswered, let refusal { return refusal }
    for object in plan where !missing.contains(object) { note(object: object) }
    isComplete = !isCut && !isHindered
    return nil
  }

  /// What the reading has brought.
  /// - Parameter now: seconds since 1970.
  func update(now: Double) -> TreeUpdate {
    TreeUpdate(
      names: names.map { ReportedName(path: $0.key, writable: $0.value) }
        .sorted { $0.path < $1.path },
      completeBelow: isComplete ? path : nil, values: values, at: now)
  }

  /// One path that is refused is left out; the others are read.
  private func note(_ fault: OperationFault, at path: String) {
    refusedCount += 1
    if fault.isMissingPath { missing.insert(path) }
    if fault.isTransient { isHindered = true }
  }

  // MARK: - Instances

  private nonisolated(nonsending) func instancePaths(_ ask: AskAgent) async
    -> Result<[String], AgentRefusal>
  {
    // What is no table has no instances to ask for, but those of the tables in it.
    let tables = topTables
    guard !tables.isEmpty else { return .success([]) }
    var found: Set<String> = []
    var rest = [tables]
    var hasAnswered = false
    var refusal: AgentRefusal?
    while let asked = rest.popLast() {
      var request = USPGetInstances()
      request.objPaths = asked
      let answer = await ask(.getInstances(request))
      guard case .response(.getInstancesResp(let response)) = answer else {
        let answered = AgentRefusal(answer, to: "GetInstances")
        guard case .refused(let fault) = answered else { return .failure(answered) }
        guard asked.count > 1 else {
          refusal = refusal ?? answered
          note(fault, at: asked[0])
          continue
        }
        rest.append(Array(asked[(asked.count / 2)...]))
        rest.append(Array(asked[..<(asked.count / 2)]))
        continue
      }
      hasAnswered = true
      for result in response.reqPathResults where result.errCode == 0 {
        for instance in result.currInsts {
          let instancePath = instance.instantiatedObjPath
          guard instancePath.utf8.count <= Contact.maxPathLength, instancePath.hasPrefix(path),
            instancePath.hasSuffix(".")
          else { continue }
          guard found.count < limits.parameters else {
            isCut = true
            return .success(found.sorted())
          }
          found.insert(instancePath)
        }
      }
    }
    if !hasAnswered, let refusal { return .failure(refusal) }
    return .success(found.sorted())
  }

  /// The tables that are in no other table below the path, with the path's own instances.
  private var topTables: [String] {
    let template = PathTemplate.text(of: path)
    var tables: [String] = []
    for (objectPath, object) in supported.objects where object.isMultiInstance {
      guard objectPath.hasSuffix(".{i}.") else { continue }
      let table = String(objectPath.dropLast("{i}.".utf8.count))
      if table.hasPrefix(template) {
        let below = table.dropFirst(template.count)
        if !below.contains("{i}") { tables.append(path + below) }
      }
    }
    return tables.sorted()
  }

  // MARK: - Values

  /// The objects that the agent has: those without instances, and the instances.
  private func objects(with instances: [String]) -> [String] {
    let template = PathTemplate.text(of: path)
    var parents: [String: [String]] = [:]
    for instance in instances {
      parents[PathTemplate.text(of: instance), default: []].append(instance)
    }
    if PathTemplate.endsInInstance(path) { parents[template] = [path] }
    var all: [String] = []
    for objectPath in supported.objects.keys where objectPath.hasPrefix(template) {
      guard let row = objectPath.range(of: "{i}.", options: .backwards) else {
        all.append(objectPath)
        continue
      }
      let rowTemplate = String(objectPath[..<row.upperBound])
      if template.hasPrefix(rowTemplate) {
        // In the row that was asked for.
        all.append(path + objectPath.dropFirst(template.count))
        continue
      }
      let rest = objectPath[row.upperBound...]
      for instance in parents[rowTemplate] ?? [] {
        guard all.count < limits.parameters else {
          isCut = true
          return all.sorted()
        }
        all.append(instance + rest)
      }
    }
    return all.sorted()
  }

  private func batches(of objects: [String]) -> [[String]] {
    var batches: [[String]] = []
    var batch: [String] = []
    var size = 0
    for object in objects {
      let count = supported[object]?.parameters.count ?? 0
      guard count > 0 else { continue }
      if !batch.isEmpty,
        size + count > limits.valuesPerRequest || batch.count == limits.pathsPerRequest
      {
        batches.append(batch)
        batch = []
        size = 0
      }
      batch.append(object)
      size += count
    }
    if !batch.isEmpty { batches.append(batch) }
    return batches
  }

  private func take(_ result: USPGetResp.RequestedPathResult) {
    guard result.errCode == 0 else { return }
    for resolved in result.resolvedPathResults {
      // An agent has no business outside what it was asked for.
      guard resolved.resolvedPath.hasPrefix(path), resolved.resolvedPath.hasSuffix(".") else {
        continue
      }
      let object = supported[resolved.resolvedPath]
      for (name, value) in resolved.resultParams {
        let full = resolved.resolvedPath + name
        guard !name.isEmpty, full.utf8.count <= Contact.maxPathLength else { continue }
        guard names.count < limits.parameters,
          valueBytes + value.utf8.count <= limits.valueBytes
        else {
          isCut = true
          isFull = true
          return
        }
        guard names.updateValue(parameterIsWritable(name, in: object), forKey: full) == nil else {
          continue
        }
        valueBytes += value.utf8.count
        values.append(
          ReportedValue(
            path: full, value: value, type: object?.parameters[name]?.type ?? .string))
      }
    }
  }

  private func parameterIsWritable(_ name: String, in object: SupportedObjects.Object?) -> Bool {
    object?.parameters[name]?.access.isWritable ?? false
  }

  /// Notes an object, and the table that it is a row of; what may be done with both is the row's access.
  private func note(object objectPath: String) {
    guard names.count < limits.parameters else {
      isCut = true
      return
    }
    let access = supported[objectPath]?.access ?? .readOnly
    names[objectPath] = PathTemplate.endsInInstance(objectPath) && access.isDeleting
    // Tables without rows are there too.
    let template = PathTemplate.text(of: objectPath)
    for (table, object) in tablesByParent[template] ?? []
    where !missing.contains(objectPath + table) {
      names[objectPath + table] = object.access.isCreating
    }
  }

  /// The tables directly in each object, by their names with a dot.
  private lazy var tablesByParent: [String: [(String, SupportedObjects.Object)]] = {
    var tables: [String: [(String, SupportedObjects.Object)]] = [:]
    for (objectPath, object) in supported.objects where objectPath.hasSuffix(".{i}.") {
      let table = objectPath.dropLast("{i}.".utf8.count)
      guard let dot = table.utf8.dropLast().lastIndex(of: UInt8(ascii: ".")) else { continue }
      let after = table.utf8.index(after: dot)
      tables[String(table[..<after]), default: []].append((String(table[after...]), object))
    }
    return tables
  }()
}
