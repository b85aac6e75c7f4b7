import CWMP

/// A fault is thrown where a request cannot be fulfilled.
extension FaultDetail: Error {}
