import USP

/// Set, Add and Delete, with every shape of failure (TR-369, 6.4.4; R-SET, R-ADD, R-DEL).
extension USPAgent {
  // MARK: Set

  mutating func set(_ request: USPSet) throws(RequestFailure) -> USPSetResp {
    var response = USPSetResp()
    let before = tree
    for update in request.updateObjs {
      var result = USPSetResp.UpdatedObjectResult()
      result.requestedPath = update.objPath
      do throws(SetFailure) {
        result.operStatus.operSuccess = try self.update(update)
      } catch {
        guard request.allowPartial || isUpdateFailureOfSeveral(error, request) else {
          tree = before
          throw error.request
        }
        result.operStatus.operFailure = error.operation
        // Nothing of it is done, where not all of it can be (R-SET.2a).
        if !request.allowPartial { tree = before }
      }
      response.updatedObjResults.append(result)
    }
    return response
  }

  /// Whether a failure of all is told in SetResp: as 1.4.1 has it where a search path meets several objects.
  private func isUpdateFailureOfSeveral(_ failure: SetFailure, _ request: USPSet) -> Bool {
    quirks.errorShapes == .current && request.updateObjs.count == 1
      && !failure.instances.isEmpty
  }

  private mutating func update(_ update: USPSet.UpdateObject) throws(SetFailure)
    -> USPSetResp.OperationSuccess
  {
    let resolution: AgentTree.Resolution
    do {
      resolution = try tree.resolve(update.objPath)
    } catch {
      throw SetFailure(path: update.objPath, problem: error)
    }
    guard case .object = resolution.leaf, !resolution.places.contains(where: \.isTable) else {
      throw SetFailure(path: update.objPath, problem: .unsupported(update.objPath))
    }
    let settings = update.paramSettings.map {
      AgentSetting(name: $0.param, value: $0.value, isRequired: $0.required)
    }
    var outcomes: [(AgentTree.Place, SettingOutcome)] = []
    for place in resolution.places {
      var outcome = check(settings, in: place, isNew: false)
      checkKeys(&outcome, of: place)
      outcomes.append((place, outcome))
    }
    guard !outcomes.contains(where: \.1.isFailed) else {
      throw SetFailure(
        path: update.objPath,
        instances: outcomes.map { place, outcome in
          .init(
            path: place.path, faults: outcome.errors.map { ($0.setting.name, $0.path, $0.fault) })
        })
    }
    var success = USPSetResp.OperationSuccess()
    for (place, outcome) in outcomes {
      var result = USPSetResp.UpdatedInstanceResult()
      result.affectedPath = place.path
      for assignment in outcome.assignments {
        tree.set(assignment.parameter, of: assignment.place, to: assignment.value)
        result.updatedParams[assignment.name] = tree.reading(
          assignment.parameter, of: assignment.place)
      }
      result.paramErrs = outcome.errors.map { .of($0.setting.name, $0.fault) }
      success.updatedInstResults.append(result)
    }
    return success
  }

  // MARK: Add

  mutating func add(_ request: USPAdd) throws(RequestFailure) -> USPAddResp {
    var response = USPAddResp()
    let before = tree
    for creation in request.createObjs {
      let tables: [AgentTree.Place]
      do throws(AddFailure) {
        tables = try self.tables(for: creation.objPath)
      } catch {
        guard request.allowPartial else {
          tree = before
          throw error.request
        }
        response.createdObjResults.append(.failed(creation.objPath, error.fault))
        continue
      }
      for table in tables {
        var result = USPAddResp.CreatedObjectResult()
        result.requestedPath = creation.objPath
        do throws(AddFailure) {
          result.operStatus.operSuccess = try make(creation, in: table)
        } catch {
          guard request.allowPartial else {
            tree = before
            throw error.request
          }
          result = .failed(creation.objPath, error.fault)
        }
        response.createdObjResults.append(result)
      }
    }
    return response
  }

  private func tables(for path: String) throws(AddFailure) -> [AgentTree.Place] {
    let resolution: AgentTree.Resolution
    do {
      resolution = try tree.resolve(path)
    } catch {
      throw AddFailure(path: path, fault: USPFault(error.code, error.text))
    }
    guard case .object = resolution.leaf else {
      throw AddFailure(path: path, fault: USPFault(.objectIsNoTable, "\(path) is no table"))
    }
    for place in resolution.places {
      guard place.isTable else {
        throw AddFailure(path: path, fault: USPFault(.objectIsNoTable, "\(path) is no table"))
      }
      guard place.object.isChangeable else {
        throw AddFailure(
          path: path, fault: USPFault(.objectNotCreatable, "\(path) takes no rows of others"))
      }
    }
    return resolution.places
  }

  private mutating func make(_ creation: USPAdd.CreateObject, in table: AgentTree.Place)
    throws(AddFailure) -> USPAddResp.OperationSuccess
  {
    guard let capacity = table.object.definition.capacity,
      tree.numbers(of: table).count < capacity
    else {
      throw AddFailure(
        path: table.path, fault: USPFault(.resourcesExceeded, "\(table.path) is full"))
    }
    let before = tree
    let row = tree.makeRow(in: table)
    let keys = Set(table.object.uniqueKeys.joined())
    // A key that is given counts as required (TR-369, 6.4.4.1).
    let settings = creation.paramSettings.map {
      AgentSetting(
        name: $0.param, value: $0.value, isRequired: $0.required || keys.contains($0.param))
    }
    var outcome = check(settings, in: row, isNew: true)
    checkKeys(&outcome, of: row)
    if outcome.isFailed {
      tree = before
      let template = table.path + "{i}."
      throw AddFailure(
        path: table.path,
        faults: outcome.errors.filter(\.setting.isRequired).map {
          PathFault(path: template + $0.setting.name, fault: $0.fault)
        })
    }
    for assignment in outcome.assignments {
      tree.set(assignment.parameter, of: assignment.place, to: assignment.value)
    }
    rowAdded(row)
    var success = USPAddResp.OperationSuccess()
    success.instantiatedPath = row.path
    success.uniqueKeys = tree.keys(of: row)
    success.paramErrs = outcome.errors.map { .of($0.setting.name, $0.fault) }
    return success
  }

  /// What the agent itself writes into a new row.
  private mutating func rowAdded(_ row: AgentTree.Place) {
    guard row.path.hasPrefix(Self.subscriptionTable) else { return }
    tree.set(row.path + "Recipient", to: String(Self.controllerPath.dropLast()))
    tree.set(row.path + "CreationDate", to: DateTimeText.format(tree.time.clock))
    if tree.value(row.path + "ID")?.isEmpty ?? true {
      tree.set(row.path + "ID", to: "cpe-\(row.instances.last ?? 0)")
    }
  }

  // MARK: Delete

  mutating func delete(_ request: USPDelete) throws(RequestFailure) -> USPDeleteResp {
    var response = USPDeleteResp()
    let before = tree
    for path in request.objPaths {
      var result = USPDeleteResp.DeletedObjectResult()
      result.requestedPath = path
      do throws(AddFailure) {
        var success = USPDeleteResp.OperationSuccess()
        for row in try rows(toDelete: path, request) {
          // One that was in a row deleted before is gone with it.
          guard tree.place(at: row.path) != nil else { continue }
          tree.removeRow(row)
          success.affectedPaths.append(row.path)
        }
        result.operStatus.operSuccess = success
      } catch {
        guard request.allowPartial else {
          tree = before
          throw error.request
        }
        var failure = USPDeleteResp.OperationFailure()
        failure.errCode = error.fault.code.rawValue
        failure.errMsg = error.fault.text
        result.operStatus.operFailure = failure
      }
      response.deletedObjResults.append(result)
    }
    return response
  }

  private func rows(toDelete path: String, _ request: USPDelete) throws(AddFailure)
    -> [AgentTree.Place]
  {
    let resolution: AgentTree.Resolution
    do throws(AgentTree.PathProblem) {
      resolution = try tree.resolve(path)
    } catch {
      // A row that is not there is deleted already, for agents before 1.4.1 (R-DEL.1).
      if case .missing = error, request.allowPartial || quirks.errorShapes == .reference {
        return []
      }
      throw AddFailure(path: path, fault: USPFault(error.code, error.text))
    }
    for place in resolution.places {
      guard case .object = resolution.leaf, !place.isTable, place.object.isTable,
        !place.instances.isEmpty
      else {
        throw AddFailure(path: path, fault: USPFault(.objectIsNoTable, "\(path) is no row"))
      }
      guard place.object.isChangeable else {
        throw AddFailure(path: path, fault: USPFault(.deleteFailure, "\(path) can't be deleted"))
      }
    }
    return resolution.places
  }
}
