import DeviceModel
import Foundation
import Testing

/// Documents as texts, for tests.
enum ModelText {
  static func document(_ body: String, spec: String = "urn:broadband-forum-org:test-1-0") -> String
  {
    """
    <?xml version="1.0"?>
    <dm:document xmlns:dm="urn:broadband-forum-org:cwmp:datamodel-1-14" spec="\(spec)">
    \(body)
    </dm:document>
    """
  }

  static func read(_ text: String, file: String = "test.xml") throws -> ModelDocument {
    try ModelDocument(Array(text.utf8), file: file)
  }

  /// Compiles the main model of the first document.
  static func compile(_ documents: [(file: String, body: String)], model: String? = nil) throws
    -> (model: DataModel?, diagnostics: [ModelDiagnostic])
  {
    var library = ModelLibrary()
    for (file, body) in documents { library.add(try read(document(body), file: file)) }
    return DataModel.compile(documents[0].file, model: model, in: library)
  }

  /// The rows of a model that has nothing wrong with it.
  static func rows(_ body: String, with others: [(file: String, body: String)] = []) throws
    -> [String: ModelTable.Row]
  {
    let table = ModelTable(try model(body, with: others))
    return Dictionary(table.rows.map { ($0.path, $0) }) { first, _ in first }
  }

  /// A model that has nothing wrong with it.
  static func model(_ body: String, with others: [(file: String, body: String)] = []) throws
    -> DataModel
  {
    let (model, diagnostics) = try compile([("test.xml", body)] + others)
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    return try #require(model)
  }
}
