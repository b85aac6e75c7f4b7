/// A data model under the name by which people and settings mean it.
package struct CatalogedModel: Sendable {
  package enum Origin: Int, Sendable, Comparable {
    /// Came with the program; without descriptions.
    case shipped
    /// An operator brought it.
    case imported

    package static func < (one: Self, other: Self) -> Bool { one.rawValue < other.rawValue }
  }

  /// For example `tr-181-2-19-1-cwmp`.
  package let name: String
  package let origin: Origin
  package let model: DataModel

  package init(_ model: DataModel, name: String? = nil, origin: Origin) {
    self.name = name ?? Self.name(of: model)
    self.origin = origin
    self.model = model
  }

  /// What a model is called unless somebody says otherwise: the last part of its document's URN, else its own name.
  package static func name(of model: DataModel) -> String {
    model.spec.split(separator: ":").last.map(String.init) ?? model.name
  }
}

/// The data models that are known at a moment; an imported one hides the shipped one of its name.
package struct ModelCatalog: Sendable {
  /// Sorted by name.
  package let models: [CatalogedModel]

  package init(_ models: [CatalogedModel] = []) {
    var chosen: [String: CatalogedModel] = [:]
    for model in models.sorted(by: { $0.origin < $1.origin }) { chosen[model.name] = model }
    self.models = chosen.values.sorted { $0.name < $1.name }
  }

  package subscript(_ name: String) -> CatalogedModel? { models.first { $0.name == name } }

  /// The model by which a device is understood where nothing names one: the newest published one of its root and protocol.
  ///
  /// An imported one counts only under the name that its document gives it: under another it is for those devices for which it is named.
  ///
  /// - Parameters:
  ///   - root: `Device.` or `InternetGatewayDevice.`.
  ///   - protocolName: `cwmp` or `usp`.
  package func model(root: String, protocolName: String) -> CatalogedModel? {
    let prefix = root.dropLast() + ":"
    let fitting = models.filter {
      $0.model.isPublished && $0.model.name.hasPrefix(prefix)
        && $0.model.isForUSP == (protocolName == "usp")
        && ($0.origin == .shipped || $0.name == CatalogedModel.name(of: $0.model))
    }
    return fitting.max {
      $0.model.numbers != $1.model.numbers
        ? $0.model.numbers.lexicographicallyPrecedes($1.model.numbers) : $0.origin < $1.origin
    }
  }
}

/// Why a device is understood by one data model and no other.
package struct ModelReason: Sendable, Codable, Equatable {
  package enum Kind: String, Sendable, Codable, CaseIterable {
    /// Whoever asks names it.
    case requested
    /// Switches for devices of its make name it.
    case switches
    /// The device says that it follows it (`DeviceInfo.SupportedDataModel`).
    case announced
    /// Nothing names one: it is the newest published one of the device's root and protocol.
    case newest
  }

  package var kind: Kind
  /// The same for people, as it goes on after “because”.
  package var words: String
  /// What came before and was of no use, as models that are named and not known.
  package var remarks: [String]

  package init(_ kind: Kind, _ words: String, remarks: [String] = []) {
    self.kind = kind
    self.words = words
    self.remarks = remarks
  }
}

extension DataModel {
  /// What its paths begin with, for example `Device.`.
  package var root: String {
    items.first.map { String($0.path.prefix { $0 != "." }) + "." } ?? ""
  }

  /// Whether its document calls itself one of the Broadband Forum's.
  package var isPublished: Bool { spec.hasPrefix("urn:broadband-forum-org:tr-") }

  /// The numbers in its document's URN: issue, amendment, corrigendum.
  var numbers: [Int] { DocumentName(urn: spec)?.numbers ?? [] }
}
