extension EnvelopeReader {
  /// The operations of ChangeDUState, in one wrapper element or as repeated elements with an `xsi:type`.
  func operations(in parent: Int) -> [ChangeDUState.Operation] {
    children(of: parent, named: .operations).flatMap { element -> [ChangeDUState.Operation] in
      if let structure = nodes[element].structure {
        return operation(structure, element).map { [$0] } ?? []
      }
      return children(of: element).compactMap { entry in
        nodes[entry].name.flatMap { operation($0, entry) }
      }
    }
  }

  private func operation(_ structure: ElementName, _ element: Int) -> ChangeDUState.Operation? {
    switch structure {
    case .installOpStruct:
      .install(
        ChangeDUState.Install(
          url: trimmed(of: .url, in: element), uuid: trimmed(of: .uuid, in: element),
          username: string(of: .username, in: element),
          password: string(of: .password, in: element),
          executionEnvRef: trimmed(of: .executionEnvRef, in: element)))
    case .updateOpStruct:
      .update(
        ChangeDUState.Update(
          uuid: trimmed(of: .uuid, in: element), version: trimmed(of: .version, in: element),
          url: trimmed(of: .url, in: element), username: string(of: .username, in: element),
          password: string(of: .password, in: element)))
    case .uninstallOpStruct:
      .uninstall(
        ChangeDUState.Uninstall(
          uuid: trimmed(of: .uuid, in: element), version: trimmed(of: .version, in: element),
          executionEnvRef: trimmed(of: .executionEnvRef, in: element)))
    default: nil
    }
  }

  /// The results of a DU state change, in one wrapper element or as repeated elements.
  func results(in parent: Int) -> [DeploymentUnitResult] {
    children(of: parent, named: .results).flatMap { element -> [DeploymentUnitResult] in
      let wrapped = children(of: element).filter {
        nodes[$0].name == .opResultStruct || nodes[$0].name == .autonOpResultStruct
      }
      if wrapped.isEmpty {
        // An empty wrapper holds no result.
        return children(of: element).contains { _ in true } ? [result(element)] : []
      }
      return wrapped.map(result)
    }
  }

  private func result(_ element: Int) -> DeploymentUnitResult {
    DeploymentUnitResult(
      uuid: trimmed(of: .uuid, in: element),
      deploymentUnitRef: trimmed(of: .deploymentUnitRef, in: element),
      version: trimmed(of: .version, in: element),
      currentState: trimmed(of: .currentState, in: element),
      resolved: boolean(of: .resolved, in: element),
      executionUnitRefs: string(of: .executionUnitRefList, in: element).split(separator: ",")
        .map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty },
      startTime: time(of: .startTime, in: element),
      completeTime: time(of: .completeTime, in: element),
      fault: resultFault(in: element),
      operationPerformed: child(of: element, named: .operationPerformed).map(trimmed))
  }
}
