import CLibCurl
import Glibc

/// The C functions that libcurl calls on the loop's thread while it drives a transfer.
///
/// The context of each is the transfer, unretained: the loop holds it for as long as the handle lives.
enum TransferCallbacks {
  static func install(on handle: UnsafeMutableRawPointer, for transfer: Transfer) -> CURLcode {
    let context = Unmanaged.passUnretained(transfer).toOpaque()
    let codes = [
      acs_curl_set_data_callback(
        handle, CURLOPT_WRITEFUNCTION, writeBody, CURLOPT_WRITEDATA, context),
      acs_curl_set_data_callback(
        handle, CURLOPT_HEADERFUNCTION, writeHeader, CURLOPT_HEADERDATA, context),
      acs_curl_set_data_callback(
        handle, CURLOPT_READFUNCTION, readBody, CURLOPT_READDATA, context),
      acs_curl_set_seek_callback(handle, seekBody, context),
      acs_curl_set_socket_callback(handle, openSocket, context),
      acs_curl_set_progress_callback(handle, reportProgress, context),
      acs_curl_set_long(
        handle, CURLOPT_NOPROGRESS, transfer.request.onUploadProgress == nil ? 1 : 0),
    ]
    return codes.first { $0 != CURLE_OK } ?? CURLE_OK
  }

  private static func transfer(_ context: UnsafeMutableRawPointer?) -> Transfer? {
    context.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private static let writeBody: acs_curl_data_callback = { data, size, count, context in
    let length = size * count
    guard let transfer = transfer(context) else { return 0 }
    let isTaken = transfer.receiveBody(UnsafeRawBufferPointer(start: data, count: length))
    return isTaken ? length : 0
  }

  private static let writeHeader: acs_curl_data_callback = { data, size, count, context in
    let length = size * count
    let bytes = UnsafeRawBufferPointer(start: data, count: length)
    transfer(context)?.receiveHeader(String(decoding: bytes, as: UTF8.self))
    return length
  }

  private static let readBody: acs_curl_data_callback = { data, size, count, context in
    guard let transfer = transfer(context) else { return Int(CURL_READFUNC_ABORT) }
    let buffer = UnsafeMutableRawBufferPointer(start: data, count: size * count)
    guard let length = transfer.source.read(into: buffer) else {
      transfer.failSource()
      return Int(CURL_READFUNC_ABORT)
    }
    return length
  }

  private static let seekBody: acs_curl_seek_callback = { context, offset, origin in
    guard origin == SEEK_SET, let transfer = transfer(context),
      transfer.source.seek(to: Int(offset))
    else { return CURL_SEEKFUNC_CANTSEEK }
    return CURL_SEEKFUNC_OK
  }

  private static let openSocket: acs_curl_socket_callback = { context, purpose, address in
    guard let transfer = transfer(context), let address else { return acs_curl_no_socket }
    let family = address.pointee.family
    let kind = address.pointee.socktype
    let number = address.pointee.protocol
    let length = Int(address.pointee.addrlen)
    guard
      let resolved = IPAddress(socketAddress: acs_curl_address(address), length: length),
      transfer.acceptsAddress(resolved)
    else { return acs_curl_no_socket }
    return socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), number)
  }

  private static let reportProgress: acs_curl_progress_callback = { context, _, _, total, sent in
    if let transfer = transfer(context), let report = transfer.request.onUploadProgress, total > 0 {
      report(Int(sent), Int(total))
    }
    return 0
  }
}
