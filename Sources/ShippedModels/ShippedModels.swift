import CDataModels
import DeviceModel

/// The data models that are part of the program: those of the folder `DataModels`.
package enum ShippedModels {
  /// The names under which they are known, in their order.
  package static var names: [String] { documents.map(\.name) }

  /// All of them, compiled; takes some 50 ms of CPU.
  package static func compiled() -> [CatalogedModel] {
    documents.map { compile($0.place) }
  }

  /// One of them, compiled; nil where there is none of that name.
  package static func model(named name: String) -> CatalogedModel? {
    documents.first { $0.name == name }.map { compile($0.place) }
  }

  private static var documents: [(name: String, place: Int)] {
    (0..<data_model_count()).map { place in
      let file = String(cString: data_model_at(place).file)
      return (file.hasSuffix(".xml") ? String(file.dropLast(4)) : file, place)
    }
  }

  private static func compile(_ place: Int) -> CatalogedModel {
    let embedded = data_model_at(place)
    let file = String(cString: embedded.file)
    let content = Array(UnsafeBufferPointer(start: embedded.content, count: embedded.length))
    var library = ModelLibrary()
    do throws(ModelDocument.Failure) {
      library.add(try ModelDocument(content, file: file))
    } catch {
      preconditionFailure("a document of the program itself: \(error.diagnostic)")
    }
    let (model, diagnostics) = DataModel.compile(file, in: library)
    guard let model else {
      preconditionFailure("a document of the program itself: \(diagnostics)")
    }
    return CatalogedModel(model, origin: .shipped)
  }
}
