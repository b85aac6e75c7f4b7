import DeviceModel

/// The data model by which a device is understood.
package struct ChosenModel: Sendable {
  package var model: CatalogedModel
  package var reason: ModelReason

  package init(_ model: CatalogedModel, because reason: ModelReason) {
    self.model = model
    self.reason = reason
  }
}

extension ModelCatalog {
  /// The model of a device: the one that switches name, else one that the device announces, else the newest published one of its
  /// root and protocol.
  ///
  /// - Parameters:
  ///   - root: `Device.` or `InternetGatewayDevice.`.
  ///   - protocolName: `cwmp` or `usp`.
  ///   - named: by the switches for the device, if they name one.
  ///   - announced: what the device says to follow.
  /// - Returns: nil where there is none; what came before the choice and was of no use is in the remarks either way.
  package func model(
    root: String, protocolName: String, named: DeviceSwitchesTable.NamedModel?,
    announced: [AnnouncedModel]
  ) -> (chosen: ChosenModel?, remarks: [String]) {
    var remarks: [String] = []
    if let named {
      if let model = self[named.model] {
        let words = "the switches “\(named.document)” name it"
        return (ChosenModel(model, because: ModelReason(.switches, words)), [])
      }
      remarks.append(
        "the switches “\(named.document)” name the data model “\(named.model)”, which is not known here"
      )
    }
    if let (model, words) = model(announcedAmong: announced, root: root, protocolName: protocolName)
    {
      return (
        ChosenModel(model, because: ModelReason(.announced, words, remarks: remarks)), remarks
      )
    }
    guard let model = model(root: root, protocolName: protocolName) else { return (nil, remarks) }
    let words = "it is the newest published one of the device's root and protocol"
    return (ChosenModel(model, because: ModelReason(.newest, words, remarks: remarks)), remarks)
  }

  /// The model that says most of those that a device announces, with the reason.
  ///
  /// A description of the device type (DT Schema) comes before the model that it is made from.
  private func model(
    announcedAmong announced: [AnnouncedModel], root: String, protocolName: String
  ) -> (CatalogedModel, String)? {
    guard !announced.isEmpty else { return nil }
    var best: (model: CatalogedModel, words: String, weight: (Int, Int))?
    for model in models where model.model.root == root {
      // A device of both protocols announces the models of both.
      guard protocolName == "usp" || !model.model.isForUSP else { continue }
      guard let words = announced.lazy.compactMap({ $0.words(of: model.model, protocolName) }).first
      else {
        continue
      }
      let weight = (model.model.isOfDeviceType ? 1 : 0, model.model.items.count)
      if best.map({ $0.weight < weight }) ?? true { best = (model, words, weight) }
    }
    return best.map { ($0.model, $0.words) }
  }
}

extension AnnouncedModel {
  /// Why a model is the one that is announced; nil where it is another.
  ///
  /// A row tells the UUID of the description of the device type, and the URN of the model that this is made from
  /// (`DeviceInfo.SupportedDataModel.{i}.UUID` and `URN`), often without the protocol at its end; what the type is called is a
  /// URI, and some tell this.
  fileprivate func words(of model: DataModel, _ protocolName: String) -> String? {
    if let uuid, let own = model.uuid, uuid.lowercased() == own.lowercased() {
      return "the device announces its UUID \(uuid)"
    }
    guard !model.spec.isEmpty else { return nil }
    let spec = model.spec.lowercased()
    if let urn, [spec, spec.dropping("-" + protocolName)].contains(urn.lowercased()) {
      return "the device announces its URN \(urn)"
    }
    if url.lowercased() == spec { return "the device announces its URL \(url)" }
    return nil
  }
}

extension String {
  fileprivate func dropping(_ ending: String) -> String {
    hasSuffix(ending) ? String(dropLast(ending.count)) : self
  }
}
