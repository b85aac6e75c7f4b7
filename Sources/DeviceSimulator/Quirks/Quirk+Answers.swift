import CWMP

/// The hooks that stand before and behind the answer to a request.
extension Quirk {
  /// What the device does instead of what the standard wants; nil where the quirk has no part in this request.
  func reaction(
    to request: Request, of cpe: inout SimulatedCPE, _ now: Duration
  ) -> SimulatedCPE.Reaction? {
    if self == .secondInform, !cpe.quirkMemory.hadSecondInform {
      cpe.quirkMemory.hadSecondInform = true
      return .otherSession
    }
    return switch request {
    case .getParameterValues(let names): valuesReaction(names, cpe, now)
    case .getParameterNames(let path, let nextLevel): namesReaction(path, nextLevel, cpe)
    case .setParameterValues(let call): setReaction(call, cpe)
    default: otherReaction(request, cpe)
    }
  }

  private func fault(_ detail: FaultDetail) -> SimulatedCPE.Reaction {
    .answer(.fault(Fault(detail)))
  }

  private func exists(_ name: String, _ cpe: SimulatedCPE) -> Bool {
    (try? cpe.tree.matches(name, wildcards: true)) != nil
  }

  private func valuesReaction(_ names: [String], _ cpe: SimulatedCPE, _ now: Duration)
    -> SimulatedCPE.Reaction?
  {
    switch self {
    case .unknownNameEmptyList where names.contains { !exists($0, cpe) }:
      .answer(.response(.getParameterValues([])))
    case .partialPathCrash where names.contains { $0.isEmpty || $0.hasSuffix(".") }:
      .crash("crashed at the values of a partial path")
    case .unknownNameCrash where names.contains { !exists($0, cpe) }:
      .crash("crashed at an unknown name")
    case .partialPathObject where names.contains { $0.isEmpty || $0.hasSuffix(".") }:
      .answer(objects(names, cpe, now))
    case .listedName9002 where namesUnreadable(names, cpe): fault(.cpeInternalError)
    case .listedName9005 where namesUnreadable(names, cpe): fault(.cpeInvalidParameterName)
    default: batchReaction(names.count, cpe) ?? commonReaction(cpe)
    }
  }

  /// Full names have their values; a partial path is an object without one.
  private func objects(_ names: [String], _ cpe: SimulatedCPE, _ now: Duration) -> Message {
    var values: [ParameterValue] = []
    for name in names {
      guard let match = try? cpe.tree.matches(name, wildcards: false).first else {
        return .fault(Fault(.cpeInvalidParameterName))
      }
      values.append(
        cpe.tree.read(match.position, at: cpe.readingTime(now))
          ?? ParameterValue(name: match.spelling, value: ""))
    }
    return .response(.getParameterValues(values))
  }

  /// Whether the one parameter is among them that such a device lists and cannot read.
  private func namesUnreadable(_ names: [String], _ cpe: SimulatedCPE) -> Bool {
    let unreadable = cpe.tree.model.path("DeviceInfo.UpTime")
    return names.contains { unreadable.hasPrefix($0) && ($0 == unreadable || $0.hasSuffix(".")) }
      || names.contains("")
  }

  private func batchReaction(_ count: Int, _ cpe: SimulatedCPE) -> SimulatedCPE.Reaction? {
    guard let limit = cpe.quirks.number(self), count > limit else { return nil }
    switch self {
    case .largeBatch9002: return fault(.cpeInternalError)
    case .largeBatch9004: return fault(.cpeResourcesExceeded)
    case .largeBatch9005: return fault(.cpeInvalidParameterName)
    case .largeBatchCloses: return .close("closed at \(count) names")
    default: return nil
    }
  }

  private func namesReaction(_ path: String, _ nextLevel: Bool, _ cpe: SimulatedCPE)
    -> SimulatedCPE.Reaction?
  {
    let root = cpe.tree.model.root
    // The next level of an empty path is the root, by the standard too (TR-069 A.3.2.3).
    let isWhole = (path.isEmpty || path == root) && !nextLevel
    switch self {
    case .emptyPathRefused where path.isEmpty: return fault(.cpeInvalidParameterName)
    case .wholeTreeRefused where isWhole: return fault(.cpeResourcesExceeded)
    case .nextLevelRefused where nextLevel: return fault(.cpeInvalidArguments)
    case .rootNamesOnly where isWhole:
      return .answer(.response(.getParameterNames([ParameterInfo(name: root, writable: false)])))
    case .allNamesAtOnce where nextLevel:
      guard let names = try? cpe.tree.names(path: path, nextLevel: false) else { return nil }
      return .answer(.response(.getParameterNames(names)))
    default: return commonReaction(cpe)
    }
  }

  private func setReaction(_ call: SetParameterValues, _ cpe: SimulatedCPE)
    -> SimulatedCPE.Reaction?
  {
    func refuse(_ type: ValueType, _ isWrong: (String) -> Bool) -> SimulatedCPE.Reaction? {
      let wrong = call.parameters.filter { $0.type == type && isWrong($0.value) }
      guard !wrong.isEmpty else { return nil }
      return .answer(
        .fault(
          Fault(
            .cpeInvalidArguments,
            parameterFaults: wrong.map {
              ParameterFault(name: $0.name, detail: .cpeInvalidParameterValue)
            })))
    }
    switch self {
    case .closesAfterSet: return .close("closed at SetParameterValues")
    case .booleanDigitsOnly: return refuse(.boolean) { $0 == "true" || $0 == "false" }
    case .booleanWordsOnly: return refuse(.boolean) { $0 == "1" || $0 == "0" }
    case .noMilliseconds: return refuse(.dateTime) { $0.contains(".") }
    default: return batchReaction(call.parameters.count, cpe) ?? commonReaction(cpe)
    }
  }

  private func otherReaction(_ request: Request, _ cpe: SimulatedCPE)
    -> SimulatedCPE.Reaction?
  {
    switch (self, request) {
    case (.attributesEmptyPost, .getParameterAttributes): return .nothing
    case (.closesAfterDownload, .download): return .close("closed at Download")
    case (.closesAfterAttributes, .getParameterAttributes),
      (.closesAfterAttributes, .setParameterAttributes):
      return .close("closed at \(request.method)")
    case (.emptyTable9005, .addObject(let name, _)) where cpe.tree.instances(of: name).isEmpty:
      return fault(.cpeInvalidParameterName)
    default: return commonReaction(cpe)
    }
  }

  /// What does not depend on the method.
  private func commonReaction(_ cpe: SimulatedCPE) -> SimulatedCPE.Reaction? {
    switch self {
    case .faults8005 where cpe.quirkMemory.requestsInSession == 1:
      fault(.acsRetryRequest)
    case .faultsUnknownCode where cpe.quirkMemory.requestsInSession == 1:
      fault(FaultDetail(code: 9899, text: "Vendor fault"))
    default: nil
    }
  }
}
