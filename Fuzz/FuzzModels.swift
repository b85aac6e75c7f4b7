import DeviceModel

private let limits = {
  var limits = ModelDocument.Limits()
  limits.bytes = 64 << 10
  limits.elements = 2_000
  return limits
}()

/// Documents of a data model, a zero byte between two of them; the first is compiled with the others at hand.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, count > 0 else { return 0 }
  var library = ModelLibrary()
  let input = UnsafeBufferPointer(start: data, count: count)
  for (place, content) in input.split(separator: 0, maxSplits: 7).enumerated() {
    do throws(ModelDocument.Failure) {
      let file = "\(names[place]).xml"
      library.add(try ModelDocument(Array(content), file: file, limits: limits))
    } catch {
      check([error.diagnostic])
    }
  }
  let (model, diagnostics) = DataModel.compile("a.xml", in: library)
  check(diagnostics)
  guard let model else {
    precondition(!diagnostics.isEmpty, "no model, and nothing says why")
    return 0
  }
  check(model)
  var exported = ModelLibrary()
  do throws(ModelDocument.Failure) {
    exported.add(try ModelDocument(Array(ModelExport(model).text.utf8), file: "a.xml"))
  } catch {
    preconditionFailure("what is exported can't be read: \(error.diagnostic)")
  }
  let again = DataModel.compile("a.xml", model: model.name, in: exported).model
  precondition(
    again.map { ModelTable($0).rows } == ModelTable(model).rows, "what is exported is another model"
  )
  return 0
}

private let names = ["a", "b", "c", "d", "e", "f", "g", "h"]

private func check(_ diagnostics: [ModelDiagnostic]) {
  precondition(diagnostics.count <= 1_001, "too many diagnostics")
  for diagnostic in diagnostics {
    precondition(diagnostic.line >= 0 && !diagnostic.file.isEmpty, "a diagnostic without a place")
    precondition(!diagnostic.message.isEmpty, "a diagnostic without a message")
  }
}

private func check(_ model: DataModel) {
  for (place, item) in model.items.enumerated() {
    precondition(item.parent.map { $0 < place } ?? true, "an item before what it is in")
    precondition(model.place(of: item.path) != nil, "an item that is not found")
    precondition(item.kind.isParameter == (item.syntax != nil), "a syntax at the wrong place")
    precondition(item.kind.isObject == (item.table != nil), "a table at the wrong place")
    precondition(item.path.utf8.count <= 1_000, "a long path")
    _ = item.description
    for reference in item.syntax?.references ?? [] {
      precondition(
        model.targets(of: reference, at: place).count <= reference.targets.count, "more targets")
    }
  }
  precondition(ModelTable(model).rows.count == model.items.count, "rows that are no items")
}
