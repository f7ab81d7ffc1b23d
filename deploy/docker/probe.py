"""Whether the RetailXAI in this container is well, as it says itself: the image's HEALTHCHECK.

`python deploy/docker/probe.py PORT` asks GET /health, prints the checks that do not pass, and
ends with 0 (pass, warn) or 1. Few imports: it is started every ten seconds.
"""

import json
import socket
import sys

WITHIN_S = 6.0
ASK = "GET /health?full=1 HTTP/1.0\r\nHost: 127.0.0.1:{port}\r\n\r\n"


def ask(port: int) -> tuple[int, str]:
    """The status and the body of the answer. Raises OSError, ValueError."""
    with socket.create_connection(("127.0.0.1", port), WITHIN_S) as connection:
        connection.sendall(ASK.format(port=port).encode())
        with connection.makefile("rb") as stream:
            head, _, body = stream.read().partition(b"\r\n\r\n")
    return int(head.split(maxsplit=2)[1]), body.decode("utf-8", "replace")


def told(body: str) -> str:
    """Which checks do not pass, and why."""
    document = json.loads(body)
    checks = [(name, one) for name, found in document.get("checks", {}).items() for one in found]
    lines = [
        f"{name}: {one['status']}: {one['output']}; {one['fix']}"
        for name, one in checks
        if one["status"] != "pass"
    ]
    return "\n".join([str(document["status"]), *lines])


def main(arguments: list[str]) -> int:
    port = int(arguments[0])
    try:
        status, body = ask(port)
        said = told(body)
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        sys.stdout.write(f"no word of its health on port {port}: {error!r}\n")
        return 1
    sys.stdout.write(said + "\n")
    return 0 if status == 200 else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
