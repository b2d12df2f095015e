"""An app that is no SDK's: it speaks grpc-web with what Python brings, and knows no test.

It subscribes to the group that GROUP_ID names, and publishes a message there for each that others publish. It has no
keys: what it reads is sealed, and what it writes nobody can open.
"""

import http.client
import os
import urllib.parse

URL = urllib.parse.urlparse(os.environ["XMTP_API_URL"])
GROUP = bytes.fromhex(os.environ["GROUP_ID"])
HEADERS = {"content-type": "application/grpc-web+proto", "x-grpc-web": "1"}


def field(number, value):
    """A length-delimited protobuf field of up to 127 bytes."""
    return bytes([number << 3 | 2, len(value)]) + value


def call(method, message):
    """A response whose body is yet to be read, and the connection that it comes by."""
    connection = http.client.HTTPConnection(URL.hostname, URL.port)
    frame = b"\0" + len(message).to_bytes(4, "big") + message
    connection.request("POST", "/xmtp.mls.api.v1.MlsApi/" + method, frame, HEADERS)
    response = connection.getresponse()
    assert response.status == 200, response.status
    return response, connection


def frames(response):
    """Messages of a response, until its last frame, which has the status."""
    while True:
        head = response.read(5)
        if len(head) < 5:
            return
        body = response.read(int.from_bytes(head[1:], "big"))
        if head[0] & 0x80:
            return
        yield body


def sealed(text):
    """A PrivateMessage of the group (RFC 9420, section 6.3) whose ciphertext is none."""
    vector = lambda value: bytes([len(value)]) + value
    return b"\0\1\0\2" + vector(GROUP) + bytes(8) + b"\1" + vector(b"") + vector(bytes(12)) + vector(text)


written = set()
stream, held = call("SubscribeGroupMessages", field(1, field(1, GROUP)))
print("subscribed", flush=True)
for message in frames(stream):
    if any(own in message for own in written):
        continue
    data = sealed(b"answer %d" % len(written))
    written.add(data)
    answer, connection = call("SendGroupMessages", field(1, field(1, field(1, data))))
    for _ in frames(answer):
        pass
    connection.close()
    print("answered", len(written), flush=True)
