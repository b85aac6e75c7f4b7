/// One line of a data model: an object, a parameter, a command, an event, or an argument of the latter two.
package struct ModelItem: Sendable {
  package enum Kind: String, Sendable {
    case object
    case parameter = "param"
    case command, event
    case inputParameter = "input-param"
    case inputObject = "input-object"
    case outputParameter = "output-param"
    case outputObject = "output-object"
    case eventParameter = "event-param"
    case eventObject = "event-object"

    package var isObject: Bool {
      switch self {
      case .object, .inputObject, .outputObject, .eventObject: true
      default: false
      }
    }

    package var isParameter: Bool {
      switch self {
      case .parameter, .inputParameter, .outputParameter, .eventParameter: true
      default: false
      }
    }
  }

  package enum Access: String, Sendable {
    case readOnly, readWrite, writeOnceReadOnly
  }

  /// Whether a CPE tells of changes of the value, and who decides (TR-106 3.2.5).
  package enum ActiveNotify: String, Sendable {
    case normal, forceEnabled, forceDefaultEnabled, canDeny
    /// Only in a description of a device type: it refuses.
    case willDeny
  }

  /// What a device lets a controller do with the rows of a table (DT Schema, ObjectAccess).
  package enum RowAccess: String, Sendable {
    case readOnly, create, delete, createDelete
  }

  package struct UniqueKey: Sendable, Hashable {
    /// True where only enabled rows are bound.
    package var isFunctional: Bool
    package var parameters: [String]
  }

  /// What only objects have.
  package struct Table: Sendable, Hashable {
    package var least = 1
    /// Nil: any number.
    package var most: Int? = 1
    package var countParameter: String?
    package var enableParameter: String?
    package var discriminatorParameter: String?
    package var mountType: String?
    package var uniqueKeys: [UniqueKey] = []
    /// Only in the model of a device type.
    package var rowAccess: RowAccess?
  }

  package var kind: Kind
  /// With `{i}` for instances; objects end in a dot.
  package var path: String
  /// The place of the object, command or event that it belongs to; nil at the top.
  package var parent: Int?
  package var access: Access?
  package var syntax: Syntax?
  private var boxedTable: TableBox?
  package var table: Table? {
    get { boxedTable?.table }
    set { boxedTable = newValue.map(TableBox.init) }
  }
  package var activeNotify = ActiveNotify.normal
  /// Comes with every Inform.
  package var isForcedInform = false
  /// As written; see ``effectiveStatus``.
  package var status: ItemStatus?
  package var version: ModelVersion?
  /// The highest of the item's own status and of all that it is in.
  package var effectiveStatus = ItemStatus.current
  /// In which version of the model it came.
  package var effectiveVersion: ModelVersion?
  /// Of an argument: has to be given.
  package var isMandatory = false
  /// Of a command: goes on after its answer.
  package var isAsynchronous = false
  var text = SharedText()
  /// As written, with its white space and markup.
  package var description: String {
    get { text.string }
    set { text = SharedText(newValue) }
  }

  package init(kind: Kind, path: String) {
    self.kind = kind
    self.path = path
  }

  /// Apart, since nine items of ten have none.
  private final class TableBox: Sendable {
    let table: Table
    init(_ table: Table) { self.table = table }
  }
}
