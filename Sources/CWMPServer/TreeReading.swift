import CWMP
import Fleet

/// Reads a device's tree, or a part of it: first the names, then the values, in requests of a size that the device bears.
///
/// Values are asked for by their full names, because some devices break when they are asked for a partial path. Names are asked
/// for at once, and level by level where a device refuses that.
struct TreeReading: Equatable {
  enum Progress: Equatable {
    case request(Request)
    case finished
    case failed(OperationFault)
  }

  private enum Phase: Equatable {
    case idle
    case listing
    /// The object whose next level was asked for.
    case walking(String)
    /// The names that were asked for.
    case reading([String])
    case over
  }

  let path: String
  private let limits: TreeReadingLimits
  /// Values asked for in one request; shrinks with what the device refuses, and is worth keeping.
  private(set) var batchSize: Int
  private(set) var names: [ReportedName] = []
  private(set) var values: [ReportedValue] = []
  /// Names that the device listed and then refused to read.
  private(set) var refusedCount = 0
  /// True once the device has listed everything below the path.
  private(set) var isListingComplete = false
  /// True where the device lists more names than the limit.
  private(set) var isCut = false

  private var phase = Phase.idle
  private var valueBytes = 0
  /// Objects that have been walked or will be, so that a device that names them in a circle is left.
  private var walkedObjects: Set<String> = []
  private var objects: [String] = []
  private var hasFailedWalk = false
  private var pending: [[String]] = []
  /// The size of requests before the device refused one without naming a parameter.
  private var sizeBeforeRefusal: Int?

  /// - Parameter path: an object's path that ends with a dot, a parameter's, or nothing for the whole tree.
  init(path: String, batchSize: Int, limits: TreeReadingLimits = TreeReadingLimits()) {
    self.path = path
    self.batchSize = max(1, batchSize)
    self.limits = limits
  }

  mutating func begin() -> Progress {
    // The empty path is what is above all objects (TR-069 A.3.2.3).
    guard path.isEmpty || path.hasSuffix(".") else {
      pending = [[path]]
      return readNext()
    }
    if limits.listsByLevel {
      objects = [path]
      walkedObjects = [path]
      return walkNext(fault: .nothing)
    }
    phase = .listing
    return .request(.getParameterNames(path: path, nextLevel: false))
  }

  mutating func received(_ answer: Session.Answer) -> Progress {
    switch phase {
    case .listing: listed(answer)
    case .walking(let object): walked(object, answer)
    case .reading(let asked): read(asked, answer)
    case .idle, .over: .finished
    }
  }

  // MARK: - Names

  private mutating func listed(_ answer: Session.Answer) -> Progress {
    if case .response(.getParameterNames(let infos)) = answer {
      take(infos)
      if names.contains(where: { !$0.path.hasSuffix(".") }) {
        isListingComplete = !isCut
        return startReading()
      }
    }
    objects = [path]
    walkedObjects = [path]
    return walkNext(fault: answer)
  }

  private mutating func walkNext(fault answer: Session.Answer) -> Progress {
    guard let object = objects.popLast() else {
      guard names.contains(where: { !$0.path.hasSuffix(".") }) || isEmptyObject else {
        phase = .over
        return .failed(OperationFault(answer, to: "GetParameterNames"))
      }
      isListingComplete = !isCut && !hasFailedWalk
      return startReading()
    }
    phase = .walking(object)
    return .request(.getParameterNames(path: object, nextLevel: true))
  }

  /// Whether the device has listed all of an object and there is no parameter in it, as in a table without instances; a
  /// device without any parameter is no device.
  private var isEmptyObject: Bool {
    !hasFailedWalk && !names.isEmpty && path.split(separator: ".").count > 1
  }

  private mutating func walked(_ object: String, _ answer: Session.Answer) -> Progress {
    if case .response(.getParameterNames(let infos)) = answer {
      let before = names.count
      take(infos)
      for name in names[before...]
      where name.path.hasSuffix(".") && walkedObjects.insert(name.path).inserted {
        objects.append(name.path)
      }
    } else {
      hasFailedWalk = true
    }
    return walkNext(fault: answer)
  }

  private mutating func take(_ infos: [ParameterInfo]) {
    for info in infos {
      guard names.count < limits.parameters else {
        isCut = true
        return
      }
      // A device has no business outside what it was asked for.
      guard info.name.hasPrefix(path), !info.name.isEmpty,
        info.name.utf8.count <= Contact.maxPathLength
      else { continue }
      names.append(ReportedName(path: info.name, writable: info.writable))
    }
  }

  // MARK: - Values

  private mutating func startReading() -> Progress {
    // Devices list in nearly this order; in it, what is listed twice stands side by side.
    names.sort { $0.path < $1.path }
    var previous = ""
    names.removeAll { name in
      defer { previous = name.path }
      return name.path == previous
    }
    pending = [names.lazy.map(\.path).filter { !$0.hasSuffix(".") }]
    walkedObjects = []
    return readNext()
  }

  private mutating func readNext() -> Progress {
    guard let next = pending.popLast() else {
      phase = .over
      return .finished
    }
    var size = 0
    var count = 0
    for name in next.prefix(batchSize) {
      // Each name is sent in an element of its own.
      size += name.utf8.count + 17
      if size > limits.requestBytes, count > 0 { break }
      count += 1
    }
    if count < next.count { pending.append(Array(next[count...])) }
    let asked = Array(next[..<count])
    guard !asked.isEmpty else { return readNext() }
    phase = .reading(asked)
    return .request(.getParameterValues(names: asked))
  }

  private mutating func read(_ asked: [String], _ answer: Session.Answer) -> Progress {
    if case .response(.getParameterValues(let returned)) = answer {
      let before = values.count
      if returned.count == asked.count, zip(returned, asked).allSatisfy({ $0.name == $1 }) {
        for value in returned { values.append(ReportedValue(value)) }
      } else {
        // A device has no business outside what it was asked for, nor twice in it.
        var wanted = Set(asked)
        for value in returned where wanted.remove(value.name) != nil {
          values.append(ReportedValue(value))
        }
      }
      for value in values[before...] { valueBytes += value.value.utf8.count }
      guard valueBytes <= limits.valueBytes else {
        isCut = true
        phase = .over
        return .finished
      }
      refusedCount += max(0, asked.count - (values.count - before))
      return readNext()
    }
    guard asked.count > 1 else {
      if path == asked[0] {
        phase = .over
        return .failed(OperationFault(answer, to: "GetParameterValues"))
      }
      refusedCount += 1
      // It was the name, not the size.
      if let size = sizeBeforeRefusal { batchSize = size }
      sizeBeforeRefusal = nil
      return readNext()
    }
    // One bad name spoils a whole request and is not named: halves find it. Where the request was too large, the
    // device gets smaller ones from now on.
    let middle = asked.count / 2
    if case .fault(let fault) = answer, fault.detail.code == 9005 || fault.detail.code == 9003 {
    } else {
      sizeBeforeRefusal = sizeBeforeRefusal ?? batchSize
      batchSize = max(1, middle)
    }
    pending.append(Array(asked[middle...]))
    pending.append(Array(asked[..<middle]))
    return readNext()
  }

  /// The names that were asked for and got no answer.
  var outstandingCount: Int {
    if case .reading(let asked) = phase { asked.count } else { 0 }
  }
}
