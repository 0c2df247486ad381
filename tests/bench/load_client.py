"""One HTTP client as a process of its own, which spends as little time as Python can: bytes out, bytes in.

It reads orders as lines of JSON, `{"Requests": [...], "From": seconds, "Seconds": number}`: from that moment of the
system's monotonic clock on, send one request after the other for so long, but at least one. It answers each order by
`{"Milliseconds": [...], "Processor": seconds, "Late": seconds}`: how long each answer took that came within the time
(a single one always counts), what that cost this process, and by how much it began too late.
"""

import gc
import json
import socket
import sys
import time
from itertools import cycle

BUFFER = bytearray(4 << 20)
END_OF_HEADER, LENGTH = b"\r\n\r\n", b"content-length:"


def main(port: int) -> None:
    """Carry out orders until there are no more."""
    gc.disable()
    for line in sys.stdin:
        order = json.loads(line)
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            answer = carried_out(connection, [text.encode() for text in order["Requests"]], order)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


def carried_out(connection: socket.socket, requests: list[bytes], order: dict[str, float]) -> dict[str, object]:
    """Ask and ask again; an answer that comes after the end isn't counted, nobody else may be working by then."""
    begin, end = order["From"], order["From"] + order["Seconds"]
    time.sleep(max(0.0, begin - time.monotonic()))
    processor, started = time.process_time(), time.monotonic()
    late, taken = max(0.0, started - begin), []
    for request in cycle(requests):
        exchange(connection, request)
        ended = time.monotonic()
        if ended <= end or not taken:
            taken.append((ended - started) * 1000)
        started = ended
        if ended >= end:
            break
    return {"Milliseconds": taken, "Processor": time.process_time() - processor, "Late": late}


def exchange(connection: socket.socket, request: bytes) -> None:
    """One request and its whole answer, which has to be a 200; the body is looked at by nobody."""
    connection.sendall(request)
    view, held, head = memoryview(BUFFER), 0, -1
    while head < 0:
        held += received(connection, view[held:])
        head = BUFFER.find(END_OF_HEADER, 0, held)
    header = bytes(view[:head])
    if b" 200 " not in header[:16]:
        raise RuntimeError(f"{request!r}: {header!r}")
    length = int(header.lower().split(LENGTH, 1)[1].split(b"\r\n", 1)[0])
    missing = head + len(END_OF_HEADER) + length - held
    while missing > 0:
        missing -= received(connection, view[:missing])


def received(connection: socket.socket, view: memoryview) -> int:
    """The number of bytes that came; a connection that ends ends the benchmark."""
    count = connection.recv_into(view)
    if not count:
        raise ConnectionError("The server closed the connection")
    return count


if __name__ == "__main__":
    main(int(sys.argv[1]))
