/// The local names of elements and attributes of the TR-106 schema family that mean something here.
enum ModelWord: Int, CaseIterable {
  // Elements.
  case document, model, object, parameter, command, event, component, profile, dataType, `import`
  case input, output, uniqueKey, description, annotation, syntax, list, `default`, template
  case size, range, decimalRange, enumeration, pattern, units, pathRef, instanceRef, enumerationRef
  case base64, boolean, dateTime, decimal, hexBinary, int, long, string, unsignedInt, unsignedLong
  // Attributes.
  case name, base, ref, path, version, status, access, virtual, spec, file, id, value, type
  case minLength, maxLength, minInclusive, maxInclusive, step, minItems, maxItems, nestedBrackets
  case minEntries, maxEntries, numEntriesParameter, enableParameter, discriminatorParameter
  case mountType, functional, activeNotify, forcedInform, mandatory, async, optional, code
  case hidden, secured, refType, targetParent, targetParentScope, targetType, targetDataType
  case targetParam, targetParamScope, nullValue, extends, requirement, isService, action, deviceType
  case uuid
  // Attributes of the report namespace, which older documents have in place of the schema's own.
  case reportVersion

  /// By their raw values.
  static let vocabulary = allCases.map { "\($0)" }
}
