"""Real binaries for tests: frontdeskd in a folder of its own on free ports, and its HTTP port.

Standard library only. Everything waits by condition with a deadline.
"""

import codecs
import http.client
import json
import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.parse
import urllib.request

SOURCE = pathlib.Path(os.environ.get("FRONTDESK_SOURCE_DIR", pathlib.Path(__file__).parents[2]))
BINARY = pathlib.Path(os.environ.get("FRONTDESK_BINARY_DIR", SOURCE / "build/dev"))
TENANTS = SOURCE / "deploy/demo/tenants.yaml"
CHANNEL_TOKEN = "demo-channel-token"
ANY_PORTS = [
    "--grpc_listen=127.0.0.1:0",
    "--metrics_listen=127.0.0.1:0",
    "--channel.http_listen=127.0.0.1:0",
    "--knowledge.http_listen=127.0.0.1:0",
]


# Of the working directory otherwise, and ctest's is the build tree.
MODELS = f"--encoder.models_dir={SOURCE / '.cache/models'}"
# Encoders take seconds of two cores at each start; tests of something else do without.
LEXICAL = "--encoder.models_dir="


def tenants_text():
    """The demo's tenants file, for a copy of it elsewhere."""
    text = TENANTS.read_text(encoding="utf-8")
    for key, name in (("articles_dir", "articles"), ("intents_file", "intents.csv")):
        relative = f"{key}: {name}"
        assert relative in text, relative
        text = text.replace(relative, f"{key}: {TENANTS.parent / name}")
    return text


def wait_until(what, condition, seconds=30.0):
    """The first true value of `condition()`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s in vain for: {what}")
        time.sleep(0.02)  # lint-allow(sleep): the poll interval of the one waiting loop


def make_folder():
    return pathlib.Path(tempfile.mkdtemp(prefix="frontdesk-e2e-"))


def free_ports(count):
    # Below the range from which the kernel takes the local ports of connections: one of those could
    # be anybody's by the time that a server wants to listen on it.
    ports = set()
    while len(ports) < count:
        port = random.randrange(15000, 25000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        ports.add(port)
    return sorted(ports)


class Process:
    """A child whose output goes to a file."""

    def __init__(self, command, log):
        self.log = pathlib.Path(log)
        self.start = self.log.stat().st_size if self.log.exists() else 0
        with open(self.log, "ab") as out:
            self.child = subprocess.Popen(command, stdout=out, stderr=out, stdin=subprocess.DEVNULL)

    def printed(self):
        with open(self.log, "rb") as file:
            file.seek(self.start)
            return file.read().decode("utf-8", "replace")

    def await_line(self, pattern, seconds=60.0):
        def look():
            ended = self.child.poll() is not None
            match = re.search(pattern, self.printed(), re.MULTILINE)
            if match is None and ended:
                raise AssertionError(
                    f"{self.child.args[0]} ended with {self.child.returncode}:\n"
                    + self.printed()[-3000:]
                )
            return match

        return wait_until(f"{pattern} in {self.log}", look, seconds)

    def stop(self, seconds=30.0):
        """SIGTERM; the exit code."""
        self.child.send_signal(signal.SIGTERM)
        try:
            return self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.child.args[0]} did not stop within {seconds} s") from None

    def kill(self):
        """SIGKILL, as a crash would be. Also for one that has ended."""
        if self.child.poll() is None:
            self.child.kill()
            self.child.wait(30)


class Frontdeskd(Process):
    def __init__(self, folder, *flags):
        folder = pathlib.Path(folder)
        super().__init__(
            [BINARY / "services/suite/frontdeskd", f"--data_dir={folder / 'data'}",
             f"--tenants_file={TENANTS}", LEXICAL, *ANY_PORTS, *flags],
            folder / "frontdeskd.log",
        )
        try:
            self.await_line(r"^Ctrl-C stops it\.$")
            self.http = self.await_line(r"^  chat page +http://([^/]+)/chat$").group(1)
            self.grpc = self.await_line(r"^  gRPC +(\S+)").group(1)
            self.metrics_url = self.await_line(r"^  metrics +(\S+)$").group(1)
        except BaseException:
            self.kill()
            raise

    def metric(self, name, **labels):
        """Sum of the series of that name whose labels match; None when there is none."""
        with urllib.request.urlopen(self.metrics_url, timeout=10) as reply:
            text = reply.read().decode()
        found = None
        for line in text.splitlines():
            match = re.match(r"(\w+)(\{.*\})? (\S+)$", line)
            if match is None or match.group(1) != name:
                continue
            series = dict(re.findall(r'(\w+)="([^"]*)"', match.group(2) or ""))
            if all(series.get(key) == value for key, value in labels.items()):
                found = (found or 0.0) + float(match.group(3))
        return found


def request(server, method, target, body=None, token=CHANNEL_TOKEN, headers=()):
    """Status, headers (lower case) and body of one request over a connection of its own."""
    connection = http.client.HTTPConnection(server, timeout=40)
    try:
        all_headers = dict(headers)
        if token is not None:
            all_headers["Authorization"] = f"Bearer {token}"
        connection.request(method, target, body=body, headers=all_headers)
        reply = connection.getresponse()
        text = reply.read()
        return reply.status, {k.lower(): v for k, v in reply.getheaders()}, text
    finally:
        connection.close()


def post(server, body, token=CHANNEL_TOKEN):
    """Status and parsed answer of POST /v1/messages; `body` is an object, or raw bytes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, text = request(server, "POST", "/v1/messages", raw, token)
    return status, json.loads(text)


class Customer:
    """Writes and reads through a channel account of kind OPEN_API."""

    def __init__(self, server, name, account="app"):
        self.server = server
        self.name = name
        self.account = account
        self.after = 0

    def say(self, message_id, text):
        status, answer = post(
            self.server,
            {"account": self.account, "customer": self.name, "message_id": message_id,
             "text": text},
        )
        assert status in (200, 201), (status, answer)
        return answer

    def look(self, wait=0):
        query = urllib.parse.urlencode(
            {"account": self.account, "customer": self.name, "after": self.after, "wait": wait}
        )
        status, _, text = request(self.server, "GET", f"/v1/messages?{query}")
        assert status == 200, (status, text)
        answer = json.loads(text)
        self.after = answer["next_after"]
        return answer["messages"]

    def reply(self, wait=20):
        """The one next reply."""
        messages = self.look(wait)
        assert len(messages) == 1, messages
        return messages[0]


class Enum(str):
    """A value of an enum, for Grpc."""


class Message:
    """A protobuf message as protoc prints it. Fields that are not there are empty."""

    def __init__(self, lines):
        self.fields = {}
        for line in lines:
            line = line.strip()
            if line == "}":
                break
            if line.endswith(" {"):
                name, value = line[:-2], Message(lines)
            else:
                name, value = line.split(": ", 1)
                if value.startswith('"'):
                    value = codecs.escape_decode(value[1:-1].encode())[0].decode(errors="replace")
            self.fields.setdefault(name, []).append(value)

    def all(self, name):
        return self.fields.get(name, [])

    def __getitem__(self, path):
        """The value at "a.b.c", the first one of lists; "" where there is none."""
        value = self
        for name in path.split("."):
            found = value.all(name)
            if not found:
                return ""
            value = found[0]
        return value

    def text(self):
        """All of its texts, for what must not be in any of them."""
        texts = []
        for values in self.fields.values():
            texts += [v.text() if isinstance(v, Message) else v for v in values]
        return "\n".join(texts)


class GrpcError(Exception):
    """A call that was refused, with gRPC's code and the reason of Frontdesk."""

    def __init__(self, code, message):
        super().__init__(f"gRPC status {code}: {message}")
        self.code = code


class Grpc:
    """Unary calls by curl and protoc, so that the client shares nothing with Frontdesk but the proto
    files. Requests are dicts."""

    def __init__(self, address, service, token):
        self.address = address
        self.package = f"frontdesk.{service}.v1"
        self.service = f"{self.package}.{service.capitalize()}Service"
        self.file = f"frontdesk/{service}/v1/{service}_service.proto"
        self.token = token
        self.requests = 0

    def __call__(self, method, request):
        encoded = self._protoc(f"--encode={self.package}.{method}Request",
                               self._as_text(request).encode())
        done = subprocess.run(
            ["curl", "--silent", "--show-error", "--http2-prior-knowledge", "--max-time", "30",
             "--include", "--data-binary", "@-", "--header", "content-type: application/grpc",
             "--header", "te: trailers", "--header", f"authorization: Bearer {self.token}",
             f"http://{self.address}/{self.service}/{method}"],
            input=b"\0" + len(encoded).to_bytes(4, "big") + encoded, stdout=subprocess.PIPE,
            timeout=60, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        size = int.from_bytes(body[1:5], "big")
        trailers = (head + b"\r\n" + body[5 + size if body[:1] == b"\0" else 0:]).decode("latin-1")
        status = re.search(r"(?im)^grpc-status: (\d+)", trailers)
        if status is None or status.group(1) != "0":
            told = re.search(r"(?im)^grpc-message: (.*?)\r?$", trailers)
            raise GrpcError(int(status.group(1)) if status else None, told and told.group(1))
        reply = self._protoc(f"--decode={self.package}.{method}Response", body[5:5 + size])
        return Message(iter(reply.decode().splitlines()))

    def change(self, method, request):
        """A call of a method that changes something."""
        self.requests += 1
        return self(method, {**request, "request_id": f"e2e-{os.getpid()}-{id(self)}-{self.requests}"})

    def _protoc(self, what, data):
        done = subprocess.run(
            ["protoc", "-I", SOURCE / "proto", "-I", SOURCE / ".cache/googleapis", what, self.file],
            input=data, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    @classmethod
    def _as_text(cls, fields):
        text = ""
        for name, values in fields.items():
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, dict):
                    text += f"{name} {{ {cls._as_text(value)} }} "
                elif isinstance(value, str) and not isinstance(value, Enum):
                    text += f"{name}: {json.dumps(value, ensure_ascii=False)} "
                else:
                    text += f"{name}: {value} "
        return text


class Kafka:
    """A broker of this test alone (tools/kafka)."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder) / "kafka"
        self.tool = SOURCE / "tools/kafka"
        self.address = self.run("start", "--port", "0").splitlines()[-1]

    def run(self, *arguments):
        done = subprocess.run(
            [self.tool, *arguments, "--dir", self.folder], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, timeout=300, check=True,
        )
        return done.stdout.decode().strip()

    def stop(self):
        self.run("stop", "--now")


def remove(folder):
    shutil.rmtree(folder, ignore_errors=True)
