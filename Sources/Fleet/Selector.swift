/// Which devices are meant: a list of terms that must all hold.
///
/// Written as terms with commas between them; the empty text means every device.
///
/// | term | holds for a device |
/// |---|---|
/// | `name=00A1B2-*` | whose name matches |
/// | `tag=pilot`, `tag!=pilot` | that has the tag; that has it not |
/// | `DeviceInfo.ModelName=FL-100` | whose parameter has the value, in trees of either root |
/// | `DeviceInfo.ModelName!=FL-100` | whose parameter has another value or that has no such parameter |
/// | `DeviceInfo.ModelName in (FL-100,FL-2*)`, `notin (…)` | with one of the values; with none of them |
/// | `DeviceInfo.ProvisioningCode`, `!DeviceInfo.ProvisioningCode` | that has the parameter; that has it not |
/// | `tag`, `!tag` | that has a tag; that has none |
/// | `online=true`, `online=false` | whose USP agent is connected; has been, and is not |
/// | `online`, `!online` | whose USP agent has ever been connected; that has none or whose agent never was |
///
/// In values `*` stands for any text. Values with commas, stars, parentheses or quotes are put in double quotes, in
/// which a backslash stands before a quote or a backslash. Values are compared byte by byte.
package struct Selector: Sendable, Hashable {
  package var terms: [Term]

  package init(terms: [Term]) {
    self.terms = terms
  }

  /// Every device.
  package static let all = Selector(terms: [])

  package struct Term: Sendable, Hashable {
    package var subject: Subject
    package var test: Test

    package init(_ subject: Subject, _ test: Test) {
      self.subject = subject
      self.test = test
    }
  }

  package enum Subject: Sendable, Hashable {
    case name
    case tag
    /// Whether the device's USP agent is connected: `true` or `false`; devices without one have no such value.
    case online
    /// A fact by its name without the root, for example `DeviceInfo.ModelName`.
    case fact(String)
  }

  package enum Test: Sendable, Hashable {
    /// The subject has a value, and one of the patterns matches it; never an empty list.
    case isAny([Pattern])
    /// The opposite of ``isAny(_:)``: so it holds where the subject has no value.
    case isNone([Pattern])
    /// The subject has a value, be it empty. Not for names, which all devices have.
    case exists
    case isAbsent
  }

  /// A text with places where any text may stand.
  package struct Pattern: Sendable, Hashable {
    /// The literal texts before, between and after the stars: one where there is no star.
    package let pieces: [String]

    /// - Parameter pieces: The texts between stars; where it is empty, the pattern is the empty text.
    package init(pieces: [String]) {
      // Two stars side by side mean what one means.
      let inner = pieces.dropFirst().dropLast().filter { !$0.isEmpty }
      switch pieces.count {
      case 0: self.pieces = [""]
      case 1: self.pieces = pieces
      default: self.pieces = [pieces[0]] + inner + [pieces[pieces.count - 1]]
      }
    }

    package init(exactly text: String) {
      pieces = [text]
    }

    /// The text that alone matches; nil where there is a star.
    package var exact: String? { pieces.count == 1 ? pieces[0] : nil }
    /// What every text that matches starts with.
    package var prefix: String { pieces[0] }
  }
}

/// How large a ``Selector`` may be.
package struct SelectorLimits: Sendable, Equatable {
  /// UTF-8 bytes of the text.
  package var maxBytes = 16 << 10
  package var maxTerms = 32
  /// Values of one list in parentheses.
  package var maxValues = 256
  /// Characters of one value; longer ones are in no fact.
  package var maxValueCharacters = Facts.maxValueCharacters
  /// Stars in one value: each makes a search more costly.
  package var maxStars = 4

  package init() {}

  package static let standard = SelectorLimits()
}
