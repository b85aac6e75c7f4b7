extension Selector {
  /// Reads the member `selector`, a text or a list of texts that are one selector together; nil where it is not in
  /// order, which the reader tells.
  init?(of spec: ResourceReader.Members, hint: String, reader: inout ResourceReader) {
    guard let texts = reader.texts("selector", of: spec, isRequired: true, hint: hint) else {
      return nil
    }
    var terms: [Selector.Term] = []
    for text in texts {
      do throws(FleetError) {
        terms += try Selector(parsing: text.value).terms
      } catch {
        for problem in error.diagnostics {
          // The text may be quoted or folded, so the place inside it is told in words.
          let place = problem.location.map { "At character \($0.column): " } ?? ""
          reader.problem(place + problem.message, hint: problem.hint, at: text)
        }
        return nil
      }
    }
    guard !terms.isEmpty else {
      reader.problem(
        "The selector is empty.", hint: hint, field: "spec.selector",
        mark: spec.mark(of: "selector"))
      return nil
    }
    do throws(FleetError) {
      // Together they have the limits of one.
      self = try Selector(parsing: Selector(terms: terms).description)
    } catch {
      reader.problem(
        error.diagnostics.map(\.message).joined(separator: " "), hint: "use a tag instead",
        field: "spec.selector", mark: spec.mark(of: "selector"))
      return nil
    }
  }
}
