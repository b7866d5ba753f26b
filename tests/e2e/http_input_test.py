#!/usr/bin/env python3
"""Bad input over HTTP and WebSocket: a clear error each, and the server goes on."""

import base64
import json
import os
import socket
import struct
import time
import unittest

import harness

SECOND_TENANT = """
  - id: other
    display_name: Another shop
    tokens:
      - {principal: shop, role: channel, token: other-channel-token}
    channel_accounts:
      - {id: app, kind: open_api, display_name: App}
"""
GOOD = {"account": "app", "customer": "ann", "message_id": "m", "text": "hello"}


def good(**changes):
    return {**GOOD, **changes}


class WebSocket:
    """A chat connection that says exactly what it is told."""

    def __init__(self, server, target="/v1/chat?tenant=demo&account=web", receive_buffer=None):
        host, port = server.rsplit(":", 1)
        self.socket = socket.socket()
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(20)
        self.socket.connect((host, int(port)))
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {server}\r\nUpgrade: websocket\r\n"
            f"Connection: Upgrade\r\nSec-WebSocket-Key: {key}\r\n"
            f"Sec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        self.read = self.socket.makefile("rb")
        self.status = int(self.read.readline().split()[1])
        while self.read.readline().strip():
            pass

    @staticmethod
    def frame(payload, opcode=1):
        """Masked with zeros, which is a mask as good as any other."""
        size = len(payload)
        if size < 126:
            head = struct.pack("!BB", 0x80 | opcode, 0x80 | size)
        elif size < 65536:
            head = struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size)
        else:
            head = struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size)
        return head + bytes(4) + payload

    def say(self, payload, opcode=1):
        raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        self.socket.sendall(self.frame(raw, opcode))

    def hear(self):
        """Opcode and payload; None when the connection is over."""
        head = self.read.read(2)
        if len(head) < 2:
            return None
        size = head[1] & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.read.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.read.read(8))
        return head[0] & 0x0F, self.read.read(size)

    def answer(self, payload):
        self.say(payload)
        opcode, raw = self.hear()
        assert opcode == 1, (opcode, raw)
        return json.loads(raw)

    def close_code(self):
        """Reads up to the close frame."""
        while True:
            heard = self.hear()
            if heard is None:
                return None
            if heard[0] == 8:
                return struct.unpack("!H", heard[1][:2])[0]

    def close(self):
        self.read.close()
        self.socket.close()


class BadInputTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = harness.make_folder()
        cls.addClassCleanup(harness.remove, cls.folder)
        tenants = cls.folder / "tenants.yaml"
        tenants.write_text(harness.tenants_text() + SECOND_TENANT, encoding="utf-8")
        cls.server = harness.Frontdeskd(
            cls.folder, f"--tenants_file={tenants}", "--channel.http_idle_timeout=3s",
            "--channel.poll_wait_max=2s",
        )
        cls.addClassCleanup(cls.server.kill)

    def tearDown(self):
        # Whatever was thrown at it: it is there and takes messages.
        self.assertIsNone(self.server.child.poll(), self.server.printed()[-2000:])
        status, _ = harness.post(self.server.http, good(message_id=f"alive-{self.id()}"[-120:]))
        self.assertIn(status, (200, 201))

    def refuse(self, body, status, reason, field=None, token=harness.CHANNEL_TOKEN):
        got, answer = harness.post(self.server.http, body, token)
        self.assertEqual((got, answer["reason"]), (status, reason), answer)
        if field is not None:
            self.assertEqual([each["field"] for each in answer["fields"]], [field], answer)
        self.assertTrue(answer["message"])

    def test_a_body_that_is_no_message_is_refused_with_the_field(self):
        self.refuse(b"{", 400, "INVALID_FIELD", "body")
        self.refuse(b"[1, 2]", 400, "INVALID_FIELD", "body")
        self.refuse(b"", 400, "INVALID_FIELD", "body")
        self.refuse(b"[" * 60000, 400, "INVALID_FIELD", "body")
        self.refuse(b'{"text": "\xff\xfe"}', 400, "INVALID_FIELD", "body")
        self.refuse(b'{"text": "\\ud800"}', 400, "INVALID_FIELD", "body")
        self.refuse(good(text=["a"]), 400, "INVALID_FIELD", "text")
        self.refuse(good(colour="blue"), 400, "INVALID_FIELD", "colour")
        for field in ("customer", "message_id", "text", "account"):
            self.refuse(good(**{field: ""}), 400, "INVALID_FIELD", field)

    def test_what_is_too_long_is_refused(self):
        self.refuse(good(text="x" * 70000), 413, "MESSAGE_TOO_LARGE")
        status, answer = harness.post(self.server.http, good(text="x" * 33000))
        self.assertEqual((status, answer["reason"]), (400, "INVALID_FIELD"), answer)
        for field, size in (("message_id", 129), ("customer", 257), ("name", 801),
                            ("conversation_hint", 513), ("language", 36)):
            status, answer = harness.post(self.server.http, good(**{field: "x" * size}))
            self.assertEqual((status, answer.get("reason")), (400, "INVALID_FIELD"), (field, answer))
        status, headers, _ = harness.request(
            self.server.http, "GET", "/healthz", headers={"X-Long": "x" * 20000}
        )
        self.assertEqual(status, 431, headers)

    def test_the_longest_text_is_taken(self):
        status, answer = harness.post(
            self.server.http, good(message_id="longest", customer="long", text="x" * 32768)
        )
        self.assertEqual(status, 201, answer)

    def test_a_wrong_or_missing_token_is_refused_and_a_wrong_role_too(self):
        self.refuse(good(), 401, "UNAUTHENTICATED", token="wrong")
        self.refuse(good(), 401, "UNAUTHENTICATED", token=None)
        self.refuse(good(), 401, "UNAUTHENTICATED", token="")
        self.refuse(good(), 403, "PERMISSION_DENIED", token="demo-analyst-token")
        _, headers, _ = harness.request(self.server.http, "POST", "/v1/messages", b"{}", "wrong")
        self.assertEqual(headers["www-authenticate"], "Bearer")

    def test_the_tenant_is_the_tokens(self):
        self.refuse(good(tenant="other"), 403, "WRONG_TENANT")
        status, answer = harness.post(
            self.server.http, good(message_id="o-1", customer="eve"), "other-channel-token"
        )
        self.assertEqual(status, 201, answer)
        self.assertTrue(answer["name"].startswith("tenants/other/"), answer)
        # The same sender id in the other tenant is another person, with nothing to read.
        target = "/v1/messages?account=app&customer=eve&after=0"
        status, _, text = harness.request(self.server.http, "GET", target)
        self.assertEqual((status, json.loads(text)["messages"]), (200, []))
        status, _, _ = harness.request(self.server.http, "GET", target + "&tenant=other")
        self.assertEqual(status, 403)

    def test_an_unknown_account_is_not_found(self):
        self.refuse(good(account="nowhere"), 404, "NOT_FOUND")
        self.refuse(good(account="No Where"), 400, "INVALID_FIELD", "account")

    def test_a_message_id_used_again_for_another_text_keeps_the_first(self):
        first = harness.post(self.server.http, good(message_id="twice", customer="twin", text="a"))
        again = harness.post(self.server.http, good(message_id="twice", customer="twin", text="b"))
        self.assertEqual(first[0], 201)
        self.assertEqual((again[0], again[1]["duplicate"]), (200, True))
        self.assertEqual(again[1]["name"], first[1]["name"])

    def test_addresses_and_methods_that_are_not_there(self):
        for method, target, status in (
            ("GET", "/v2/messages", 404), ("DELETE", "/v1/messages", 405),
            ("POST", "/chat", 405), ("GET", "/v1/chat", 400), ("GET", "/%ff", 400),
            ("GET", "/v1/messages?account=app&customer=a&after=-1", 400),
            ("GET", "/v1/messages?account=app&customer=a&after=1x", 400),
            ("GET", "/v1/messages?account=app", 400), ("GET", "/v1/messages?customer=a", 400),
            ("POST", "/v1/webhooks/demo/app", 401), ("POST", "/v1/webhooks/demo", 404),
            ("GET", "/../../etc/passwd", 404), ("GET", "/chat?tenant=A%20B", 400),
        ):
            got, headers, text = harness.request(
                self.server.http, method, target, b"{}" if method == "POST" else None
            )
            self.assertEqual(got, status, (method, target, text))
            self.assertIn("reason", json.loads(text))
            if status == 405:
                self.assertIn("allow", headers)

    def test_what_is_not_http_is_answered_or_cut_off(self):
        for raw in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"\x00" * 64,
                    b"GET / HTTP/9.9\r\n\r\n",
                    b"POST /v1/messages HTTP/1.1\r\nContent-Length: -5\r\n\r\n",
                    b"POST /v1/messages HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            with self.connect() as plain:
                plain.sendall(raw)
                answer = plain.recv(4096)
                self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 400"), (raw, answer))

    def connect(self):
        host, port = self.server.http.rsplit(":", 1)
        return socket.create_connection((host, int(port)), timeout=20)

    def test_a_sender_slower_than_the_limit_is_cut_off(self):
        with self.connect() as slow:
            slow.sendall(b"POST /v1/messages HTTP/1.1\r\nHost: x\r\n")
            started = time.monotonic()
            self.assertEqual(slow.recv(100), b"")
            self.assertLess(time.monotonic() - started, 10)

    def test_a_chat_refuses_bad_frames_and_goes_on(self):
        chat = WebSocket(self.server.http)
        self.addCleanup(chat.close)
        self.assertEqual(chat.status, 101)
        early = chat.answer({"type": "message", "id": "1", "text": "too early"})
        self.assertEqual((early["type"], early["reason"]), ("error", "FAILED_TRANSITION"))
        forged = chat.answer({"type": "hello", "resume_token": "abc.def"})
        self.assertEqual((forged["type"], forged["reason"]), ("error", "UNAUTHENTICATED"))
        self.assertEqual(chat.answer({"type": "hello"})["type"], "welcome")
        for frame in (b"{", b"[]", b'"hi"', {"type": "dance"}, {"type": 7}, {"colour": "blue"},
                      {"type": "message", "text": "no id"}, {"type": "ack", "seq": 99},
                      {"type": "message", "id": "x" * 65, "text": "a"},
                      {"type": "message", "id": "empty", "text": ""}, {"type": "hello"}):
            self.assertEqual(chat.answer(frame)["type"], "error", frame)
        self.assertEqual(chat.answer({"type": "ping"})["type"], "pong")
        stored = chat.answer({"type": "message", "id": "fine", "text": "hello"})
        self.assertEqual((stored["type"], stored["id"]), ("ack", "fine"))

    def test_a_chat_that_only_sends_rubbish_is_closed(self):
        chat = WebSocket(self.server.http)
        self.addCleanup(chat.close)
        for _ in range(20):
            chat.say(b"rubbish")
        self.assertEqual(chat.close_code(), 1008)

    def test_frames_of_another_kind_or_size_close_the_chat(self):
        for payload, opcode, code in ((b"\x00\x01", 2, 1003), (b'{"type":"\xff"}', 1, 1007),
                                      (b"x" * 70000, 1, 1009)):
            chat = WebSocket(self.server.http)
            self.addCleanup(chat.close)
            chat.say(payload, opcode)
            self.assertEqual(chat.close_code(), code, opcode)

    def test_a_chat_for_nobody_is_refused(self):
        for target, status in (("/v1/chat?tenant=demo&account=nowhere", 404),
                               ("/v1/chat?tenant=demo&account=app", 404),
                               ("/v1/chat?tenant=demo", 400), ("/v1/chat", 400)):
            chat = WebSocket(self.server.http, target)
            self.addCleanup(chat.close)
            self.assertEqual(chat.status, status, target)

    def test_a_reader_that_does_not_read_is_closed(self):
        metric = "frontdesk_channel_slow_readers_total"
        before = self.server.metric(metric) or 0
        chat = WebSocket(self.server.http, receive_buffer=4096)
        self.addCleanup(chat.close)
        pings = WebSocket.frame(b'{"type":"ping"}') * 2000

        def flood():
            try:
                chat.socket.sendall(pings)
            except OSError:
                pass
            return (self.server.metric(metric) or 0) > before

        harness.wait_until("the reader is closed", flood, 60)

    def test_more_chats_do_not_take_anything_from_the_others(self):
        silent = [WebSocket(self.server.http) for _ in range(100)]
        for chat in silent:
            self.addCleanup(chat.close)
        status, _ = harness.post(self.server.http, good(message_id="among-many"))
        self.assertEqual(status, 201)


if __name__ == "__main__":
    unittest.main(verbosity=2)
